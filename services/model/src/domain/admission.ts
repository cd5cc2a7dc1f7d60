import { ParleyError } from '@parley/kernel';
import type { SlotUse } from '../ports/model-events.ts';

export interface AdmissionOptions {
  readonly model: string;
  readonly slots: number;
  readonly maxQueued: number;
  readonly onChange: (use: SlotUse) => void;
}

/** Weight of the latest answer in the running mean of their durations. */
const meanWeight = 0.1;
const leastRetryMs = 500;

/** Lets as many requests into a model as it has slots and places in its queue; the others are refused at once. */
export class Admission {
  readonly #options: AdmissionOptions;
  #inside = 0;
  #meanMs = 0;
  #onEmpty: (() => void)[] = [];

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  get use(): SlotUse {
    const { slots } = this.#options;
    const busy = Math.min(this.#inside, slots);
    return { busy, free: slots - busy, queued: this.#inside - busy };
  }

  /** @throws ParleyError `overloaded` with the time after which a place is likely free. */
  enter(): void {
    const { model, slots, maxQueued } = this.#options;
    if (this.#inside >= slots + maxQueued) {
      const message = `Model "${model}" has ${slots} answers at work and ${maxQueued} waiting, which is its limit.`;
      throw new ParleyError('overloaded', message, { retryAfterMs: this.#retryAfterMs() });
    }
    this.#inside++;
    this.#options.onChange(this.use);
  }

  /** Takes back a place. @param durationMs how long it was held */
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

  /** A place gets free each time one of the slots does. */
  #retryAfterMs(): number {
    return Math.max(leastRetryMs, Math.ceil(this.#meanMs / this.#options.slots));
  }
}
