import { hashOf, Random } from './random.ts';
import type { SimulatedSettings } from './simulated-settings-schema.ts';
import type { SimulatedToken } from './simulated-text.ts';

/** When each token of an answer is due. */
export class Pace {
  readonly #settings: SimulatedSettings;
  readonly #tokens: readonly SimulatedToken[];
  readonly #random: Random;
  #taken = 0;
  #dueAt: number;
  #takenAt = Number.NEGATIVE_INFINITY;

  constructor(settings: SimulatedSettings, tokens: readonly SimulatedToken[], startAt: number) {
    this.#settings = settings;
    this.#tokens = tokens;
    this.#random = new Random(hashOf(tokens.map(({ text }) => text).join('')));
    this.#dueAt = startAt + this.#jittered(settings.firstTokenMs);
  }

  get done(): boolean {
    return this.#taken === this.#tokens.length;
  }

  /** When it is worth looking again: a token is due, and the last look was `gapMs` ago. */
  nextAt(gapMs: number): number {
    return Math.max(this.#dueAt, this.#takenAt + gapMs);
  }

  /** The tokens that have become due by `now`. */
  take(now: number): readonly SimulatedToken[] {
    const from = this.#taken;
    while (!this.done && this.#dueAt <= now) {
      this.#taken++;
      this.#dueAt += this.#jittered(this.#settings.tokenMs);
    }
    if (this.#taken > from) this.#takenAt = now;
    return this.#tokens.slice(from, this.#taken);
  }

  #jittered(ms: number): number {
    return ms * (1 + this.#settings.jitter * (2 * this.#random.next() - 1));
  }
}
