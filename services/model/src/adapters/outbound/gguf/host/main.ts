import { availableParallelism } from 'node:os';
import { ParleyError } from '@parley/kernel';
import { LlamaLogLevel } from 'node-llama-cpp';
import type { HostCommand, HostMessage, HostSettings } from '../host-protocol.ts';
import { EngineHost } from './engine-host.ts';
import { inspectGguf } from './inspect-gguf.ts';
import { loadGguf } from './load-gguf.ts';
import { NativeWords } from './native-words.ts';
import { openLlama } from './open-llama.ts';
import { skipSimulation } from './skip-simulation.ts';

// The parent decides when a terminal's Ctrl-C or a process group's signal ends the models.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

// A parent that has gone needs no tidy end; native code that still decodes could only delay it.
const onOrphaned = (): void => void process.kill(process.pid, 'SIGKILL');
process.once('disconnect', onOrphaned);

const settings = JSON.parse(process.argv[2] ?? '{}') as Partial<HostSettings>;
// Native code polls while it waits for other threads, so the core that runs the event loops stays free.
const threads = settings.threads || Math.max(1, availableParallelism() - 1);

function send(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

const words = new NativeWords();
skipSimulation();
const llama = await openLlama(settings.gpu ?? 'cpu', {
  maxThreads: threads,
  logLevel: LlamaLogLevel.warn,
  logger: (level, message) => {
    const text = message.trim();
    if (text === '') return;
    if (level !== LlamaLogLevel.warn) words.hear(text);
    send({ type: 'log', level: level === LlamaLogLevel.warn ? 'warn' : 'error', message: text });
  },
}).catch((error: unknown) => {
  if (!(error instanceof ParleyError)) throw error;
  const { code, message, retryable } = error;
  // Its end may come no sooner than the word that says why.
  process.send?.({ type: 'unusable', error: { code, message, retryable } } satisfies HostMessage, () =>
    process.exit(1),
  );
  return new Promise<never>(() => {});
});
const host = new EngineHost(
  { inspect: inspectGguf, load: (spec, options) => loadGguf(llama, spec, { threads, words, ...options }) },
  send,
);

async function close(): Promise<void> {
  await host.close();
  await llama.dispose();
  process.off('disconnect', onOrphaned);
  if (process.connected) process.disconnect();
}

process.on('message', (command: HostCommand) => {
  if (command.type === 'close') void close();
  else host.handle(command);
});

send({ type: 'ready' });
