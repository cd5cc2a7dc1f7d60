import type { Clock } from '@parley/kernel';
import type { RecordEvents } from '../ports/record-events.ts';
import type { RecordStore } from '../ports/record-store.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Small enough that the consumer and readers get their turn between two steps. */
const stepRows = 1000;

/** Removes what is older than the days configured; 0 days keeps everything for ever. */
export class Retention {
  readonly #store: RecordStore;
  readonly #events: RecordEvents;
  readonly #clock: Clock;
  readonly #days: number;

  constructor(store: RecordStore, events: RecordEvents, clock: Clock, days: number) {
    this.#store = store;
    this.#events = events;
    this.#clock = clock;
    this.#days = days;
  }

  /** Removes all that is due now, in steps; stops early when the signal aborts. */
  async sweep(signal?: AbortSignal): Promise<void> {
    if (this.#days === 0) return;
    const beforeMs = this.#clock.now() - this.#days * dayMs;
    let removed = 0;
    let step: number;
    do {
      if (signal?.aborted === true) break;
      step = await this.#store.removeBefore(beforeMs, stepRows);
      removed += step;
    } while (step > 0);
    if (removed > 0) this.#events.expired(removed, beforeMs);
  }
}
