import { ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { RecordStore } from '../ports/record-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { EventFilter } from './event-filter.ts';
import type { StoredEvent } from './recorded-event.ts';

export interface EventQuery {
  readonly filter: EventFilter;
  /** A cursor of an earlier answer; "" = from the start. */
  readonly after: string;
  /** 1 to 1000; 0 = 100. */
  readonly limit: number;
}

export interface QueryAnswer {
  readonly events: readonly StoredEvent[];
  /** Cursor of the next page; "" when nothing more is recorded now. */
  readonly next: string;
}

const defaultLimit = 100;
const maxLimit = 1000;
/** Characters of payload text: keeps an answer under gRPC's 4 MiB, with room for the last event and the envelopes. */
const maxAnswerLength = 1024 * 1024;
/** A filter that matches next to nothing answers with what it found by then, and a cursor to go on. */
const searchBudgetMs = 2000;
const exportPageEvents = 200;

/** Reads the record in the order of recording, in short reads. */
export class RecordReader {
  readonly #store: RecordStore;
  readonly #clock: Clock;

  constructor(store: RecordStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws ParleyError `invalid_request`; the signal's reason once it aborts. */
  async query({ filter, after, limit }: EventQuery, signal?: AbortSignal): Promise<QueryAnswer> {
    const wanted = checkedLimit(limit);
    const head = await this.#store.head();
    const giveUpAt = this.#clock.now() + searchBudgetMs;
    const events: StoredEvent[] = [];
    let position = decodeCursor(after);
    let lengthLeft = maxAnswerLength;
    // One more than wanted tells whether there is a next page.
    while (position < head && events.length <= wanted && lengthLeft > 0 && this.#clock.now() <= giveUpAt) {
      signal?.throwIfAborted();
      const missing = wanted + 1 - events.length;
      const page = await this.#store.page({
        filter,
        after: position,
        upTo: head,
        limit: missing,
        maxDataLength: lengthLeft,
      });
      for (const event of page.events) lengthLeft -= event.data.length;
      events.push(...page.events);
      position = page.reached;
    }
    if (events.length > wanted) {
      events.length = wanted;
      position = events.at(-1)?.position ?? position;
    }
    return { events, next: position < head ? encodeCursor(position) : '' };
  }

  /** All that is recorded when it starts, a page at a time, the next one read when the last is consumed. */
  async *export(filter: EventFilter, signal?: AbortSignal): AsyncGenerator<StoredEvent, void, undefined> {
    const head = await this.#store.head();
    let position = 0;
    while (position < head) {
      signal?.throwIfAborted();
      const bounds = { limit: exportPageEvents, maxDataLength: maxAnswerLength };
      const page = await this.#store.page({ filter, after: position, upTo: head, ...bounds });
      yield* page.events;
      position = page.reached;
    }
  }
}

function checkedLimit(limit: number): number {
  if (limit === 0) return defaultLimit;
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit;
  throw new ParleyError(
    'invalid_request',
    `limit is ${limit}; it must be 1 to ${maxLimit}, or 0 for ${defaultLimit}.`,
    {
      param: 'limit',
    },
  );
}
