import { sleep } from '@parley/kernel';
import { HostConnection, hostEnded } from './host-connection.ts';
import type { HostConnectionOptions } from './host-connection.ts';

const firstDelayMs = 100;
const longestDelayMs = 10_000;
/** A host that lived this long is healthy: the next restart starts with the shortest delay again. */
const healthyAfterMs = 60_000;

/** Keeps one engine host running for as long as somebody wants it, and starts a new one, ever later, when it dies. */
export class HostSupervisor implements AsyncDisposable {
  readonly #options: HostConnectionOptions;
  #current: HostConnection | undefined;
  #starting: Promise<HostConnection> | undefined;
  #deaths = 0;
  readonly #closing = new AbortController();

  constructor(options: HostConnectionOptions) {
    this.#options = options;
  }

  /** The process that holds the models now, for tests and diagnostics. */
  get pid(): number | undefined {
    return this.#current?.process.pid;
  }

  /** A host that takes commands; waits for a restart that is due. @throws ParleyError `engine_failed` when it cannot start. */
  async host(): Promise<HostConnection> {
    if (this.#current?.process.alive === true) return this.#current;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(hostEnded('is closed'));
    await this.#starting?.catch(() => undefined);
    await this.#current?.process.close();
  }

  async #start(): Promise<HostConnection> {
    const delayMs = this.#deaths === 0 ? 0 : Math.min(firstDelayMs * 2 ** (this.#deaths - 1), longestDelayMs);
    await sleep(delayMs, this.#closing.signal);
    this.#closing.signal.throwIfAborted();
    const connection = new HostConnection(this.#options);
    this.#current = connection;
    const startedAt = performance.now();
    void connection.process.ended.then((how) => this.#died(connection, how, performance.now() - startedAt));
    try {
      await connection.process.ready;
    } catch (error) {
      throw hostEnded(error instanceof Error ? error.message : String(error));
    }
    return connection;
  }

  #died(connection: HostConnection, how: string, livedMs: number): void {
    if (this.#closing.signal.aborted) return;
    this.#deaths = livedMs >= healthyAfterMs ? 1 : this.#deaths + 1;
    const words = connection.process.lastWords;
    this.#options.onLog('error', `The engine host ${how}${words === '' ? '' : `: ${words}`}`);
  }
}
