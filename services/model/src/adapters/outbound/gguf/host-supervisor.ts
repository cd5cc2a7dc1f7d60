import { ParleyError, sleep } from '@parley/kernel';
import { HostConnection, hostEnded } from './host-connection.ts';
import type { HostConnectionOptions } from './host-connection.ts';
import type { HostCommand } from './host-protocol.ts';

const firstDelayMs = 100;
const longestDelayMs = 10_000;
/** A host that lived this long is healthy: the next restart starts with the shortest delay again. */
const healthyAfterMs = 60_000;

/** What a supervisor is told beside how its hosts are started. */
export interface HostSupervisorOptions extends HostConnectionOptions {
  /** A new host takes the place of one that has died, or that held too much memory. */
  readonly onRestart?: (why: 'died' | 'replaced') => void;
  /** A host is there and holds no model yet. */
  readonly onReady?: (pid: number) => Promise<void>;
}

/** Keeps one engine host running for as long as somebody wants it, and starts a new one, ever later, when it dies. */
export class HostSupervisor implements AsyncDisposable {
  readonly #options: HostSupervisorOptions;
  #current: HostConnection | undefined;
  #starting: Promise<HostConnection> | undefined;
  /** Hosts that end what they have begun; another does the work. */
  readonly #leaving = new Set<HostConnection>();
  #deaths = 0;
  readonly #closing = new AbortController();

  constructor(options: HostSupervisorOptions) {
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

  /** The host that works, if one does. */
  get running(): HostConnection | undefined {
    return this.#current?.process.alive === true ? this.#current : undefined;
  }

  /** Says something to every host that runs. */
  tell(command: HostCommand): void {
    this.#current?.send(command);
    for (const host of this.#leaving) host.send(command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(hostEnded('is closed'));
    await this.#starting?.catch(() => undefined);
    const hosts = [...this.#leaving, ...(this.#current === undefined ? [] : [this.#current])];
    await Promise.all(hosts.map((host) => host.process.close()));
  }

  /** A fresh host beside the one that works; it works once it was adopted. @throws ParleyError when it cannot start. */
  beside(): Promise<HostConnection> {
    return this.#launch();
  }

  /** Ends a host from `beside` that nobody wants. */
  discard(fresh: HostConnection): void {
    this.#leaving.add(fresh);
    fresh.process.kill();
    void fresh.process.ended.then(() => this.#leaving.delete(fresh));
  }

  /** Makes a host from `beside` the one that works; the one before is ended when `rested` resolves. */
  adopt(fresh: HostConnection, rested: Promise<unknown>): void {
    const before = this.#current;
    this.#current = fresh;
    this.#options.onRestart?.('replaced');
    if (before === undefined) return;
    this.#leaving.add(before);
    const end = async (): Promise<void> => {
      await before.process.close();
      this.#leaving.delete(before);
    };
    void rested.then(end, end);
  }

  async #start(): Promise<HostConnection> {
    const delayMs = this.#deaths === 0 ? 0 : Math.min(firstDelayMs * 2 ** (this.#deaths - 1), longestDelayMs);
    await sleep(delayMs, this.#closing.signal);
    this.#closing.signal.throwIfAborted();
    if (this.#deaths > 0) this.#options.onRestart?.('died');
    return this.#launch((connection) => (this.#current = connection));
  }

  async #launch(onMade: (connection: HostConnection) => void = () => undefined): Promise<HostConnection> {
    const connection = new HostConnection(this.#options);
    onMade(connection);
    const startedAt = performance.now();
    void connection.process.ended.then((how) => this.#died(connection, how, performance.now() - startedAt));
    try {
      await connection.process.ready;
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      throw hostEnded(error instanceof Error ? error.message : String(error));
    }
    await this.#options.onReady?.(connection.process.pid ?? 0);
    return connection;
  }

  #died(connection: HostConnection, how: string, livedMs: number): void {
    if (this.#closing.signal.aborted || this.#leaving.has(connection)) return;
    this.#deaths = livedMs >= healthyAfterMs ? 1 : this.#deaths + 1;
    const words = connection.process.lastWords;
    this.#options.onLog('error', `The engine host ${how}${words === '' ? '' : `: ${words}`}`);
  }
}
