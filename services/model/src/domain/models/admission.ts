import type { SlotUse } from '../../ports/model-events.ts';

export interface AdmissionOptions {
  readonly slots: number;
  readonly onChange: (use: SlotUse) => void;
}

/** Weight of the latest answer in the running mean of their durations. */
const meanWeight = 0.1;

/** Counts who is at a model. Who may wait, and whose turn it is, its engine decides: there the slots get free. */
export class Admission {
  readonly #options: AdmissionOptions;
  #inside = 0;
  #meanMs = 0;
  #onEmpty: (() => void)[] = [];

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** How long an answer takes on average, in milliseconds; 0 = there was none. */
  get meanMs(): number {
    return this.#meanMs;
  }

  get use(): SlotUse {
    const { slots } = this.#options;
    const busy = Math.min(this.#inside, slots);
    return { busy, free: slots - busy, queued: this.#inside - busy };
  }

  /** Somebody comes. */
  enter(): void {
    this.#inside++;
    this.#options.onChange(this.use);
  }

  /** Somebody goes. @param durationMs how long they were there */
  leave(durationMs: number): void {
    this.#inside--;
    this.#meanMs = this.#meanMs === 0 ? durationMs : this.#meanMs + meanWeight * (durationMs - this.#meanMs);
    this.#options.onChange(this.use);
    if (this.#inside > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  /** Resolves when nobody is inside. */
  empty(): Promise<void> {
    if (this.#inside === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }
}
