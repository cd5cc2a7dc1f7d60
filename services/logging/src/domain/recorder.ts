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
import { MergedWrites } from './merged-writes.ts';
import type { IncomingEvent } from './recorded-event.ts';
import type { Inspection, RecordInspector } from './record-inspector.ts';

type ReceivedEvent = IncomingEvent & ReceivedRecord;
type Inspected = Inspection<ReceivedRecord>;

/** Takes batches off the event log into the record: each event once, each turn ended once, nothing thrown away. */
export class Recorder {
  readonly #inspector: RecordInspector;
  readonly #store: RecordStore;
  readonly #erasures: Erasures;
  readonly #events: RecordEvents;
  readonly #clock: Clock;
  readonly #merged = new MergedWrites<Inspected>((inspected) => this.#write(inspected));

  constructor(inspector: RecordInspector, store: RecordStore, events: RecordEvents, clock: Clock) {
    this.#inspector = inspector;
    this.#store = store;
    this.#erasures = new Erasures(store);
    this.#events = events;
    this.#clock = clock;
  }

  /**
   * Resolves when the batch is durable; harmless when repeated. Batches that come while another is written are written
   * together. A record that the store will never take becomes a dead letter, so that it does not come again for ever.
   * @throws ParleyError `unavailable` when the store cannot be written now: the batch must come again.
   */
  async record(batch: readonly ReceivedRecord[]): Promise<void> {
    const inspected = batch.map((record) => this.#inspector.inspect(record));
    for (const one of inspected) if ('event' in one) await this.#erase(one.event);
    try {
      await this.#merged.add(inspected);
    } catch (error) {
      if (!isRefused(error)) throw error;
      // It may be the fault of another batch.
      await this.#recordAlone(inspected);
    }
  }

  async #recordAlone(inspected: readonly Inspected[]): Promise<void> {
    try {
      await this.#write(inspected);
    } catch (error) {
      if (!isRefused(error)) throw error;
      const [only] = inspected;
      if (inspected.length > 1 || only === undefined)
        for (const one of inspected) await this.#recordAlone([one]);
      else await this.#setAside('dead' in only ? only.dead : storeRefused(only.event));
    }
  }

  async #erase({ erasure }: IncomingEvent): Promise<void> {
    if (erasure !== undefined) await this.#erasures.apply(erasure);
  }

  async #write(inspected: readonly Inspected[]): Promise<void> {
    const good = inspected.flatMap((one) => ('event' in one ? [one.event] : []));
    const malformed = inspected.flatMap((one) => ('dead' in one ? [one.dead] : []));
    const { plan, newLetters } = await this.#store.write(async (transaction) => {
      const now = this.#clock.now();
      const plan = await recordBatch(transaction, good, now);
      const letters = [...malformed, ...plan.refused.map(secondEnd)];
      return { plan, newLetters: await keepLetters(transaction, letters, now) };
    });
    this.#report(plan);
    for (const letter of newLetters) this.#events.deadLettered(letter);
  }

  async #setAside(letter: DeadLetter): Promise<void> {
    const added = await this.#store.write((transaction) =>
      keepLetters(transaction, [letter], this.#clock.now()),
    );
    for (const one of added) this.#events.deadLettered(one);
  }

  /** Only what is committed is reported, so that a batch that comes again is not counted twice. */
  #report(plan: BatchPlan<IncomingEvent>): void {
    for (const event of plan.store) this.#events.stored(event);
    for (const event of plan.duplicates) this.#events.duplicate(event);
  }
}

function isRefused(error: unknown): boolean {
  return toParleyError(error).code === 'invalid_request';
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
