import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { ParleyError } from './errors.ts';

/** A point in time by which work must be done; it crosses processes as remaining milliseconds, never as a time. */
export class Deadline {
  readonly #at: number;
  readonly #clock: Clock;

  private constructor(at: number, clock: Clock) {
    this.#at = at;
    this.#clock = clock;
  }

  /** `ms` milliseconds from now. */
  static in(ms: number, clock: Clock = systemClock): Deadline {
    return new Deadline(clock.now() + ms, clock);
  }

  /** Milliseconds left; 0 once it has passed. */
  remainingMs(): number {
    return Math.max(0, this.#at - this.#clock.now());
  }

  get passed(): boolean {
    return this.remainingMs() === 0;
  }

  /** The earlier of this deadline and one `ms` milliseconds from now. */
  atMost(ms: number): Deadline {
    return new Deadline(Math.min(this.#at, this.#clock.now() + ms), this.#clock);
  }

  /** @throws ParleyError `deadline_exceeded` once the time has passed. */
  check(what: string): void {
    if (this.passed)
      throw new ParleyError('deadline_exceeded', `${what} did not finish in the time allowed.`);
  }
}
