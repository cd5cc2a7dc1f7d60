import type { Clock } from '@parley/kernel';
import type { EventPage, RecordStore } from '../ports/record-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { EventFilter } from './event-filter.ts';
import { checkedLimit, maxAnswerLength } from './page-limits.ts';
import type { StoredEvent } from './recorded-event.ts';

export interface EventQuery {
  readonly filter: EventFilter;
  /** A cursor of an earlier answer; "" = from the start, "end" = after all that is recorded now. */
  readonly after: string;
  /** 1 to 1000; 0 = 100. */
  readonly limit: number;
}

export interface QueryAnswer {
  readonly events: readonly StoredEvent[];
  /** Cursor of the next page; "" when nothing more is recorded now. */
  readonly next: string;
  /** Cursor of the place up to which everything has been looked at. */
  readonly reached: string;
}

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
    let position = after === 'end' ? head : decodeCursor(after);
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
    const reached = encodeCursor(position);
    return { events, next: position < head ? reached : '', reached };
  }

  /**
   * All that is recorded when it starts and lies after a position, a page at a time, the next one read when the last is
   * consumed. A page can be empty.
   * @throws the signal's reason once it aborts.
   */
  async *pages(
    filter: EventFilter,
    after = 0,
    signal?: AbortSignal,
  ): AsyncGenerator<EventPage & { readonly head: number }, void, undefined> {
    const head = await this.#store.head();
    let position = after;
    while (position < head) {
      signal?.throwIfAborted();
      const bounds = { limit: exportPageEvents, maxDataLength: maxAnswerLength };
      const page = await this.#store.page({ filter, after: position, upTo: head, ...bounds });
      yield { ...page, head };
      position = page.reached;
    }
  }
}
