import type { Clock } from '@parley/kernel';

/** How much may gather before it is sent. */
export interface Pace {
  /** Milliseconds between two flushes; Infinity = only the token count decides. */
  readonly intervalMs: number;
  readonly tokens: number;
  /** Whether the first token goes at once. */
  readonly firstAtOnce: boolean;
}

/** How the flushes of a running turn are spaced. */
export interface Paces {
  /** While somebody reads the answer as it grows. */
  readonly watched: Pace;
  /** While nobody does: the log is still written, in larger steps, for those who attach. */
  readonly unwatched: Pace;
}

/**
 * Gathers tokens into flushes: the first at once if told so, then every so many milliseconds or tokens. What arrives
 * slower than the interval is not held back.
 */
export class Coalescer {
  readonly #pace: () => Pace;
  readonly #flush: () => void;
  readonly #clock: Clock;
  #tokens = 0;
  #lastFlushMs: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(pace: () => Pace, flush: () => void, clock: Clock) {
    this.#pace = pace;
    this.#flush = flush;
    this.#clock = clock;
  }

  /** Says that `tokens` more have gathered. */
  add(tokens: number): void {
    this.#tokens += tokens;
    const pace = this.#pace();
    const waitMs = this.#waitMs(pace);
    if (this.#tokens >= pace.tokens || waitMs <= 0) return this.#flushNow();
    if (Number.isFinite(waitMs)) this.#timer ??= setTimeout(() => this.#flushNow(), waitMs);
  }

  /** Nothing is flushed from here on. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #waitMs(pace: Pace): number {
    const now = this.#clock.now();
    if (this.#lastFlushMs === undefined && pace.firstAtOnce) return 0;
    this.#lastFlushMs ??= now;
    return this.#lastFlushMs + pace.intervalMs - now;
  }

  #flushNow(): void {
    this.stop();
    this.#tokens = 0;
    this.#lastFlushMs = this.#clock.now();
    this.#flush();
  }
}
