import { uuidFromName } from '@parley/kernel';
import type { DeadLetter } from '../../src/domain/dead-letter.ts';
import type { EventFilter } from '../../src/domain/event-filter.ts';
import type { IncomingEvent } from '../../src/domain/recorded-event.ts';
import type { PageQuery, RecordStore } from '../../src/ports/record-store.ts';
import { someDayMs, turnEvent } from './records.ts';

export const hourMs = 3_600_000;

/** An event fit to be recorded. */
export function incoming(turnId: string, change: Partial<IncomingEvent> = {}): IncomingEvent {
  return { ...turnEvent(turnId), turnId, endsTurn: false, user: '', ...change };
}

/** A dead letter whose id follows from its name. */
export function letter(name: string, change: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: uuidFromName(name),
    reason: 'payload_not_json',
    detail: 'The payload is not JSON.',
    topic: 't',
    partition: 2,
    offset: 1,
    key: 'k',
    eventId: 'e',
    type: 'x',
    tenant: 'acme',
    user: '',
    attributes: '{"id":"e"}',
    data: name,
    ...change,
  };
}

/** Short ways to what the suites do all the time. */
export function shortcuts(store: RecordStore) {
  return {
    insert: (...events: IncomingEvent[]): Promise<void> =>
      store.write((tx) => tx.insertEvents(events, someDayMs)),
    addLetters: (...letters: DeadLetter[]): Promise<DeadLetter[]> =>
      store.write((tx) => tx.letters.insert(letters, someDayMs)),
    idsOf: async (filter: EventFilter, bounds: Partial<PageQuery> = {}): Promise<string[]> => {
      const all = { after: 0, upTo: await store.head(), limit: 100, maxDataLength: 1_000_000 };
      return (await store.page({ filter, ...all, ...bounds })).events.map((event) => event.id);
    },
    letterNames: async (): Promise<string[]> =>
      (await store.letters.page({ after: 0, limit: 100, maxDataLength: 1_000_000 })).map(({ data }) => data),
  };
}
