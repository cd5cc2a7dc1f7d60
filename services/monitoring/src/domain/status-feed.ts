import { ParleyError } from '@parley/kernel';
import type { FleetStatus } from './instance-status.ts';

/** Enough for every gateway and every open console; above it something is wrong. */
const defaultMaxWatchers = 256;

/**
 * Hands the newest status to any number of watchers up to a bound. It keeps nothing per watcher: one that is slow
 * skips what it missed and goes on with the newest.
 */
export class StatusFeed {
  readonly #read: () => FleetStatus;
  readonly #maxWatchers: number;
  readonly #wakers = new Set<() => void>();
  #closed = false;

  /** @param read the status as it is now. */
  constructor(read: () => FleetStatus, maxWatchers: number = defaultMaxWatchers) {
    this.#read = read;
    this.#maxWatchers = maxWatchers;
  }

  /** Wakes every watcher. */
  changed(): void {
    for (const wake of this.#wakers) wake();
  }

  /** Ends every watch, and those that come later at once. */
  close(): void {
    this.#closed = true;
    this.changed();
  }

  /**
   * The status now, then again after every change; ends when the signal aborts or the feed closes.
   * @throws ParleyError `overloaded` when too many watch already.
   */
  async *watch(signal: AbortSignal): AsyncGenerator<FleetStatus, void, undefined> {
    if (this.#wakers.size >= this.#maxWatchers) {
      const message = `${this.#maxWatchers} watchers follow the fleet already; ask for the status instead.`;
      throw new ParleyError('overloaded', message, { retryAfterMs: 1000 });
    }
    let woken = Promise.withResolvers<void>();
    const wake = (): void => woken.resolve();
    this.#wakers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!signal.aborted && !this.#closed) {
        // Made before the status is read: a change while the watcher is busy with it is not missed.
        woken = Promise.withResolvers();
        yield this.#read();
        if (!signal.aborted) await woken.promise;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#wakers.delete(wake);
    }
  }
}
