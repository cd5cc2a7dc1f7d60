import type { MemoryReadings } from './resident-memory.ts';

/** A host that holds so much more than its models are known to take is replaced. */
const mostExcess = 0.25;
/** Below this the buffers of a busy process look like a leak. */
const leastExcessBytes = 256 * 1024 * 1024;

/** When hosts are looked at, in milliseconds. */
export interface HostWatchTimes {
  readonly lookMs: number;
  /** From one replacement to the next, whether it went well or not. */
  readonly restMs: number;
}

const hostWatchTimes: HostWatchTimes = { lookMs: 30_000, restMs: 600_000 };

/** What is watched. */
export interface WatchedHost {
  /** undefined while there is none. */
  pid(): number | undefined;
  /** What its models are known to take in the machine's memory. */
  ledgerBytes(): Promise<number>;
  /** Resolves when a fresh host does its work. @throws when that could not be had: it goes on as it is then. */
  replace(): Promise<void>;
}

/**
 * Looks after the memory of an engine host: one that holds a quarter more than its ledger says is replaced by a fresh
 * one, beside which it ends what it has begun. The ledger is what the models take and what the host held without any.
 */
export class HostWatch implements Disposable {
  readonly #host: WatchedHost;
  readonly #readings: MemoryReadings;
  readonly #onFailed: (error: unknown) => void;
  readonly #times: HostWatchTimes;
  readonly #timer: NodeJS.Timeout;
  /** Of a host without models, by its process id. */
  readonly #bare = new Map<number, number>();
  #restsUntil = 0;
  #looking: Promise<void> | undefined;

  constructor(
    host: WatchedHost,
    readings: MemoryReadings,
    onFailed: (error: unknown) => void,
    times: HostWatchTimes = hostWatchTimes,
  ) {
    this.#host = host;
    this.#readings = readings;
    this.#onFailed = onFailed;
    this.#times = times;
    this.#timer = setInterval(() => void this.look(), times.lookMs).unref();
  }

  /** Notes what a host holds before its first model. */
  async begun(pid: number): Promise<void> {
    const bytes = await this.#readings.residentBytes(pid);
    this.#bare.clear();
    if (bytes !== undefined) this.#bare.set(pid, bytes);
  }

  /** One look; a replacement is part of it. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#onFailed(error))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const pid = this.#host.pid();
    if (pid === undefined || performance.now() < this.#restsUntil) return;
    const bareBytes = this.#bare.get(pid);
    const residentBytes = await this.#readings.residentBytes(pid);
    if (bareBytes === undefined || residentBytes === undefined) return;
    const ledgerBytes = bareBytes + (await this.#host.ledgerBytes());
    const excessBytes = residentBytes - ledgerBytes;
    if (excessBytes < Math.max(leastExcessBytes, ledgerBytes * mostExcess)) return;
    // For a while there are two; where memory is that short, the old one is better than none.
    if (this.#readings.availableBytes() < ledgerBytes) return;
    this.#restsUntil = performance.now() + this.#times.restMs;
    await this.#host.replace();
  }
}
