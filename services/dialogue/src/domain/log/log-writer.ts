import { ParleyError, sleep } from '@parley/kernel';
import { backoffMs } from '../backoff.ts';
import type { LiveLog } from './live-log.ts';
import type { EntryBody, LogEntry } from './log-entry.ts';

/** What a log writer needs of its turn. */
export interface LogWriterHooks {
  /** Writes entries to the store before anybody sees them; undefined for a turn that lives in memory only. */
  readonly persist: ((entries: readonly LogEntry[]) => Promise<void>) | undefined;
  /** Somebody else owns the turn now. */
  readonly onStale: () => void;
  /** A write failed and will be tried again. */
  readonly onError: (error: unknown) => void;
}

/** Numbers the entries of one turn and brings them into its log, through the store first. */
export class LogWriter {
  readonly #log: LiveLog;
  readonly #hooks: LogWriterHooks;
  /** Made only when a write fails: it ends the wait for the next try. */
  #retrying: AbortController | undefined;
  #closed = false;
  #nextSequence: number;
  #queue: LogEntry[] = [];
  #writing: Promise<void> | undefined;

  constructor(log: LiveLog, nextSequence: number, hooks: LogWriterHooks) {
    this.#log = log;
    this.#nextSequence = nextSequence;
    this.#hooks = hooks;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Numbers entries; they stay here until the next flush. */
  add(bodies: readonly EntryBody[]): void {
    for (const body of bodies) this.#queue.push({ sequence: this.#nextSequence++, body });
  }

  /** Makes what was added visible: at once in memory, else as soon as the store has it. Never throws. */
  flush(): void {
    if (this.#queue.length === 0 || this.#closed) return;
    const { persist } = this.#hooks;
    if (persist === undefined) this.#log.append(this.#takeQueue());
    else this.#writing ??= this.#writeAll(persist).finally(() => (this.#writing = undefined));
  }

  /** Ends writing and gives back what the log does not have yet, for the turn's commit. */
  async close(): Promise<readonly LogEntry[]> {
    this.#closed = true;
    this.#retrying?.abort();
    await this.#writing;
    return this.#takeQueue();
  }

  /** One write at a time; what gathers meanwhile goes into the next one. */
  async #writeAll(persist: (entries: readonly LogEntry[]) => Promise<void>): Promise<void> {
    let failures = 0;
    while (this.#queue.length > 0 && !this.#closed) {
      const batch = this.#takeQueue();
      try {
        await persist(batch);
        failures = 0;
        this.#log.append(batch);
      } catch (error) {
        this.#queue.unshift(...batch);
        if (error instanceof ParleyError && error.code === 'stale_fence') return this.#hooks.onStale();
        this.#hooks.onError(error);
        await this.#pause(backoffMs(++failures, 50, 5_000));
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#closed) return;
    this.#retrying = new AbortController();
    await sleep(ms, this.#retrying.signal).catch(() => undefined);
  }

  #takeQueue(): LogEntry[] {
    const taken = this.#queue;
    this.#queue = [];
    return taken;
  }
}
