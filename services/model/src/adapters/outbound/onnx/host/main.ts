import { availableParallelism } from 'node:os';
import { EngineHost } from '../../gguf/host/engine-host.ts';
import type { HostCommand, HostMessage, HostSettings } from '../../gguf/host-protocol.ts';
import { onnxInstallation } from '../onnx-installation.ts';
import { inspectOnnx } from './inspect-onnx.ts';
import { loadOnnx } from './load-onnx.ts';
import { openRuntime } from './onnx-runtime.ts';

// The parent decides when a terminal's Ctrl-C or a process group's signal ends the models.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

// A parent that has gone needs no tidy end.
const onOrphaned = (): void => void process.kill(process.pid, 'SIGKILL');
process.once('disconnect', onOrphaned);

const settings = JSON.parse(process.argv[2] ?? '{}') as Partial<HostSettings>;
const threads = settings.threads || Math.max(1, availableParallelism() - 1);

function send(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

const runtime = openRuntime(onnxInstallation());
const host = new EngineHost(
  { inspect: inspectOnnx, load: (spec, options) => loadOnnx(runtime, spec, { threads, ...options }) },
  send,
);

async function close(): Promise<void> {
  await host.close();
  process.off('disconnect', onOrphaned);
  if (process.connected) process.disconnect();
}

process.on('message', (command: HostCommand) => {
  if (command.type === 'close') void close();
  else host.handle(command);
});

send({ type: 'ready' });
