import type { Clock } from '@parley/kernel';
import type { RecordEvents } from '../ports/record-events.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { cutoffsAt, keepsEverything } from './retention-policy.ts';
import type { RetentionPolicy } from './retention-policy.ts';

/** Small enough that the consumer and readers get their turn between two steps. */
const stepRows = 1000;

/** Removes what is older than its tenant's days. */
export class Retention {
  readonly #store: RecordStore;
  readonly #events: RecordEvents;
  readonly #clock: Clock;
  readonly #policy: RetentionPolicy;

  constructor(store: RecordStore, events: RecordEvents, clock: Clock, policy: RetentionPolicy) {
    this.#store = store;
    this.#events = events;
    this.#clock = clock;
    this.#policy = policy;
  }

  /** Removes all that is due now, in steps; stops early when the signal aborts. */
  async sweep(signal?: AbortSignal): Promise<void> {
    if (keepsEverything(this.#policy)) return;
    const cutoffs = cutoffsAt(this.#policy, this.#clock.now());
    const removed = { rows: 0, months: 0 };
    let isDone = signal?.aborted === true;
    while (!isDone) {
      const { rows, months } = await this.#store.upkeep.removeExpired(cutoffs, stepRows);
      removed.rows += rows;
      removed.months += months;
      isDone = rows + months === 0 || signal?.aborted === true;
    }
    if (removed.rows + removed.months > 0) this.#events.expired(removed);
  }
}
