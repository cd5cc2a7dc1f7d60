import type { Call } from './call.ts';
import type { EventPage, EventQuery, EventRecord, StoredEvent } from './event-record.ts';

/** A record that answers pages in the order given, and remembers what it was asked. */
export class FakeEventRecord implements EventRecord {
  readonly asked: EventQuery[] = [];
  readonly #pages: Omit<EventPage, 'reached'>[];

  constructor(...pages: Omit<EventPage, 'reached'>[]) {
    this.#pages = pages;
  }

  async query(query: EventQuery, _call: Call): Promise<EventPage> {
    this.asked.push(query);
    const page = await Promise.resolve(this.#pages.shift() ?? { events: [], next: '' });
    return { ...page, reached: page.next };
  }

  async *export(): AsyncGenerator<StoredEvent> {
    for (const { events } of await Promise.resolve(this.#pages)) yield* events;
  }
}
