import type { Call } from './call.ts';
import type { EventQuery, EventRecord, StoredEvent } from './event-record.ts';

/** A record that answers pages in the order given, and remembers what it was asked. */
export class FakeEventRecord implements EventRecord {
  readonly asked: EventQuery[] = [];
  readonly #pages: { events: readonly StoredEvent[]; next: string }[];

  constructor(...pages: { events: readonly StoredEvent[]; next: string }[]) {
    this.#pages = pages;
  }

  async query(query: EventQuery, _call: Call): Promise<{ events: readonly StoredEvent[]; next: string }> {
    this.asked.push(query);
    return await Promise.resolve(this.#pages.shift() ?? { events: [], next: '' });
  }
}
