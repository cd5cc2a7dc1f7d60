import { availableParallelism } from 'node:os';
import type { HostCommand, HostMessage, HostSettings } from '../host-protocol.ts';
import { EngineHost } from './engine-host.ts';
import type { HostEngine } from './host-engine.ts';

/** What every engine host process does about the service that has started it. */
export class ServiceLink {
  readonly settings = JSON.parse(process.argv[2] ?? '{}') as Partial<HostSettings>;
  /** Native code polls while it waits for other threads, so the core that runs the event loops stays free. */
  readonly threads = this.settings.threads || Math.max(1, availableParallelism() - 1);

  constructor() {
    // The parent decides when a terminal's Ctrl-C or a process group's signal ends the models.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
    process.once('disconnect', onOrphaned);
  }

  readonly send = (message: HostMessage): void => {
    if (process.connected) process.send?.(message);
  };

  /** Says that the engine is ready, and does what the service wants of it until it says `close`. */
  serve(engine: HostEngine, dispose: () => Promise<void> = () => Promise.resolve()): void {
    const host = new EngineHost(engine, this.send);
    const close = async (): Promise<void> => {
      await host.close();
      await dispose();
      process.off('disconnect', onOrphaned);
      if (process.connected) process.disconnect();
    };
    process.on('message', (command: HostCommand) => {
      if (command.type === 'close') void close();
      else host.handle(command);
    });
    this.send({ type: 'ready' });
  }
}

/** A parent that has gone needs no tidy end; native code that still works could only delay it. */
function onOrphaned(): void {
  process.kill(process.pid, 'SIGKILL');
}
