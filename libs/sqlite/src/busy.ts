import { ParleyError, sleep } from '@parley/kernel';
import { resultCodeOf } from './result-code.ts';

/** SQLite's primary result code for "another connection holds the lock". */
const sqliteBusy = 5;

/** How long work waits for another process's lock before it gives up: far above any commit, below every deadline. */
export const busyLimitMs = 5_000;

/** Whether a thrown value says that another connection holds a lock; the same statement may succeed later. */
export function isBusy(error: unknown): boolean {
  return resultCodeOf(error) === sqliteBusy;
}

/**
 * The pause before attempt `attempt` (from 0), in milliseconds: short at first because a commit takes about one
 * millisecond, at most 8, and random so that writers do not meet again.
 */
export function busyDelayMs(attempt: number): number {
  return 1 + Math.random() * Math.min(7, 2 ** attempt);
}

/**
 * Runs `work`, and again after a pause as long as it throws "busy"; the event loop is free in between.
 * @throws ParleyError `unavailable` when it is still busy after 5 s.
 */
export async function retryWhileBusy<T>(work: () => T): Promise<T> {
  const startedAt = performance.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() - startedAt > busyLimitMs) throw busyTooLong(error, busyLimitMs);
    }
    await sleep(busyDelayMs(attempt));
  }
}

/**
 * The same with a blocking pause: for opening a database at start, when nothing is served yet.
 * @throws ParleyError `unavailable` when it is still busy after 5 s.
 */
export function retryWhileBusySync<T>(work: () => T): T {
  const startedAt = performance.now();
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() - startedAt > busyLimitMs) throw busyTooLong(error, busyLimitMs);
    }
    Atomics.wait(never, 0, 0, busyDelayMs(attempt));
  }
}

/** The error of work that waited for the lock as long as it may. */
export function busyTooLong(cause: unknown, limitMs: number): ParleyError {
  return new ParleyError(
    'unavailable',
    `The database was locked by another process for over ${limitMs} ms.`,
    {
      cause,
    },
  );
}
