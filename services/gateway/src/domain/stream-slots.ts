import { ParleyError } from '@parley/kernel';

/** Bounds how many turns this process follows at once; says no early instead of queueing. */
export class StreamSlots {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes a slot; the caller gives it back exactly once. @throws ParleyError `overloaded` when all are taken */
  take(): Disposable {
    if (this.#used >= this.#limit) {
      throw new ParleyError(
        'overloaded',
        `This gateway already serves ${this.#limit} turns, its limit. Try again, or raise PARLEY_MAX_STREAMS.`,
      );
    }
    this.#used += 1;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#used -= 1;
        held = false;
      },
    };
  }
}
