import type { Clock } from '@parley/kernel';
import type { ReceivedRecord } from '@parley/events/ports';
import type { RecordEvents } from '../ports/record-events.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { planBatch } from './batch-plan.ts';
import type { BatchPlan } from './batch-plan.ts';
import { deadLetter } from './dead-letter.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { IncomingEvent } from './recorded-event.ts';
import type { RecordInspector } from './record-inspector.ts';

type ReceivedEvent = IncomingEvent & ReceivedRecord;

/** Takes batches off the event log into the record: each event once, each turn ended once, nothing thrown away. */
export class Recorder {
  readonly #inspector: RecordInspector;
  readonly #store: RecordStore;
  readonly #events: RecordEvents;
  readonly #clock: Clock;

  constructor(inspector: RecordInspector, store: RecordStore, events: RecordEvents, clock: Clock) {
    this.#inspector = inspector;
    this.#store = store;
    this.#events = events;
    this.#clock = clock;
  }

  /**
   * Resolves when the batch is durable; harmless when repeated.
   * @throws ParleyError `unavailable` when the store cannot be written now: the batch must come again.
   */
  async record(batch: readonly ReceivedRecord[]): Promise<void> {
    const { good, malformed } = this.#sort(batch);
    const { plan, newLetters } = await this.#store.write(async (transaction) => {
      const plan = planBatch(good, {
        events: await transaction.knownEvents(good.map((event) => event.id)),
        endedTurns: await transaction.endedTurns(
          good.filter((event) => event.endsTurn).map((event) => event.turnId),
        ),
      });
      const letters = [...malformed, ...plan.refused.map(secondEnd)];
      await transaction.insertEvents(plan.store, this.#clock.now());
      return { plan, newLetters: await transaction.insertDeadLetters(letters, this.#clock.now()) };
    });
    this.#report(plan, newLetters);
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
  #report(plan: BatchPlan<IncomingEvent>, newLetters: readonly DeadLetter[]): void {
    for (const event of plan.store) this.#events.stored(event);
    for (const event of plan.duplicates) this.#events.duplicate(event);
    for (const letter of newLetters) this.#events.deadLettered(letter);
  }
}

function secondEnd(event: ReceivedEvent): DeadLetter {
  return deadLetter(event, 'second_terminal_event', `Turn ${event.turnId} has its terminal event already.`);
}
