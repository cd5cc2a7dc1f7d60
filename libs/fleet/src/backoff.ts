const firstDelayMs = 250;
const longestDelayMs = 10_000;
const steadyAfterMs = 60_000;

/** Delays between restarts of one service: 250 ms doubling to 10 s, and 250 ms again once a run has lasted 60 s. */
export class Backoff {
  #failures = 0;

  /** The delay before the next start, in milliseconds, after a run of `ranMs`. */
  next(ranMs: number): number {
    if (ranMs >= steadyAfterMs) this.#failures = 0;
    const delay = Math.min(firstDelayMs * 2 ** this.#failures, longestDelayMs);
    this.#failures += 1;
    return delay;
  }
}
