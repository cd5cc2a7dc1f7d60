import type { Clock } from '@parley/kernel';

const firstPauseMs = 5_000;
const maxPauseMs = 600_000;

/** Keeps a model that could not be loaded from being tried by every caller: after each failure it rests twice as long. */
export class LoadBreaker {
  readonly #clock: Clock;
  #failures = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #reason = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until it may be tried; 0 = now. */
  get restMs(): number {
    return Math.max(0, this.#restsUntil - this.#clock.now());
  }

  /** Why it rests, as "Model … is not ready: … ." takes it. */
  get reason(): string {
    return this.#reason;
  }

  failed(reason: string): void {
    this.#reason = reason.replace(/\.$/, '');
    this.#restsUntil = this.#clock.now() + Math.min(maxPauseMs, firstPauseMs * 2 ** this.#failures);
    this.#failures++;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#restsUntil = Number.NEGATIVE_INFINITY;
  }
}
