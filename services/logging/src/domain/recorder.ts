import { toParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ReceivedRecord } from '@parley/events/ports';
import type { RecordEvents } from '../ports/record-events.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { BatchPlan } from './batch-plan.ts';
import { deadLetter } from './dead-letter.ts';
import type { DeadLetter } from './dead-letter.ts';
import { Erasures } from './erasures.ts';
import { keepLetters, recordBatch } from './record-batch.ts';
import type { IncomingEvent } from './recorded-event.ts';
import type { RecordInspector } from './record-inspector.ts';

type ReceivedEvent = IncomingEvent & ReceivedRecord;

/** Takes batches off the event log into the record: each event once, each turn ended once, nothing thrown away. */
export class Recorder {
  readonly #inspector: RecordInspector;
  readonly #store: RecordStore;
  readonly #erasures: Erasures;
  readonly #events: RecordEvents;
  readonly #clock: Clock;

  constructor(inspector: RecordInspector, store: RecordStore, events: RecordEvents, clock: Clock) {
    this.#inspector = inspector;
    this.#store = store;
    this.#erasures = new Erasures(store);
    this.#events = events;
    this.#clock = clock;
  }

  /**
   * Resolves when the batch is durable; harmless when repeated. A record that the store will never take becomes a dead
   * letter, so that it does not come again for ever.
   * @throws ParleyError `unavailable` when the store cannot be written now: the batch must come again.
   */
  async record(batch: readonly ReceivedRecord[]): Promise<void> {
    try {
      await this.#take(batch);
    } catch (error) {
      if (toParleyError(error).code !== 'invalid_request') throw error;
      const [only] = batch;
      if (batch.length > 1 || only === undefined) for (const record of batch) await this.record([record]);
      else await this.#setAside([this.#refusedByStore(only)]);
    }
  }

  async #take(batch: readonly ReceivedRecord[]): Promise<void> {
    const { good, malformed } = this.#sort(batch);
    for (const { erasure } of good) if (erasure !== undefined) await this.#erasures.apply(erasure);
    const { plan, newLetters } = await this.#store.write(async (transaction) => {
      const now = this.#clock.now();
      const plan = await recordBatch(transaction, good, now);
      const letters = [...malformed, ...plan.refused.map(secondEnd)];
      return { plan, newLetters: await keepLetters(transaction, letters, now) };
    });
    this.#report(plan);
    for (const letter of newLetters) this.#events.deadLettered(letter);
  }

  async #setAside(letters: readonly DeadLetter[]): Promise<void> {
    const added = await this.#store.write((transaction) =>
      keepLetters(transaction, letters, this.#clock.now()),
    );
    for (const letter of added) this.#events.deadLettered(letter);
  }

  #refusedByStore(record: ReceivedRecord): DeadLetter {
    const outcome = this.#inspector.inspect(record);
    return 'dead' in outcome ? outcome.dead : storeRefused(outcome.event);
  }

  #sort(batch: readonly ReceivedRecord[]): { good: ReceivedEvent[]; malformed: DeadLetter[] } {
    const good: ReceivedEvent[] = [];
    const malformed: DeadLetter[] = [];
    for (const record of batch) {
      const outcome = this.#inspector.inspect(record);
      if ('event' in outcome) good.push(outcome.event);
      else malformed.push(outcome.dead);
    }
    return { good, malformed };
  }

  /** Only what is committed is reported, so that a batch that comes again is not counted twice. */
  #report(plan: BatchPlan<IncomingEvent>): void {
    for (const event of plan.store) this.#events.stored(event);
    for (const event of plan.duplicates) this.#events.duplicate(event);
  }
}

/** Why a terminal event is no part of the record although nothing is wrong with it. */
export function secondEnd(event: ReceivedEvent): DeadLetter {
  return deadLetter(
    event,
    'second_terminal_event',
    `Turn ${event.turnId} has its terminal event already.`,
    event.user,
  );
}

/** Why a record that passed inspection is a letter all the same. */
export function storeRefused(event: ReceivedEvent): DeadLetter {
  return deadLetter(event, 'store_refused', 'The database takes no such content.', event.user);
}
