import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uuidFromName } from '@parley/kernel';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { openSqliteRecordStore } from '../src/adapters/outbound/sqlite-record-store.ts';
import type { DeadLetter } from '../src/domain/dead-letter.ts';
import type { EventFilter } from '../src/domain/event-filter.ts';
import type { IncomingEvent } from '../src/domain/recorded-event.ts';
import type { PageQuery, RecordStore } from '../src/ports/record-store.ts';
import { modelEvent, someDayMs, turnEvent } from './support/records.ts';

const hourMs = 3_600_000;

function incoming(turnId: string, change: Partial<IncomingEvent> = {}): IncomingEvent {
  return { ...turnEvent(turnId), turnId, endsTurn: false, ...change };
}

function letter(name: string): DeadLetter {
  const place = { topic: 't', offset: 1, key: 'k', eventId: 'e', type: 'x', tenant: 'acme' };
  return {
    id: uuidFromName(name),
    reason: 'payload_not_json',
    detail: 'The payload is not JSON.',
    ...place,
    data: name,
  };
}

let folder: TemporaryFolder;
let files = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** What every adapter of the RecordStore port does; a new one is a line here. */
const adapters: [string, () => RecordStore][] = [
  ['SQLite in memory', () => openSqliteRecordStore(':memory:')],
  ['SQLite in a file', () => openSqliteRecordStore(join(folder.path, `record-${files++}.db`))],
];

describe.each(adapters)('a record store: %s', (_, open) => {
  let store: RecordStore;
  beforeEach(() => {
    store = open();
  });
  afterEach(() => store[Symbol.asyncDispose]());

  const insert = (...events: IncomingEvent[]): Promise<void> =>
    store.write((tx) => tx.insertEvents(events, someDayMs));

  async function idsOf(filter: EventFilter, bounds: Partial<PageQuery> = {}): Promise<string[]> {
    const all = { after: 0, upTo: await store.head(), limit: 100, maxDataLength: 1_000_000 };
    return (await store.page({ filter, ...all, ...bounds })).events.map((event) => event.id);
  }

  it('gives an event back as it came', async () => {
    const data = '{ "text" : "na\\u00efve \u{1f600} 好",  "x":1e2 }';
    const event = incoming('resp_1', { data, traceparent: '00-ab-cd-01', sequence: 41 });
    await insert(event);
    const { events, reached } = await store.page({
      filter: {},
      after: 0,
      upTo: 10,
      limit: 10,
      maxDataLength: 1,
    });
    const { endsTurn: _, ...same } = event;
    expect(events).toEqual([{ ...same, position: events[0]?.position, recordedAtMs: someDayMs }]);
    expect(reached).toBe(10);
  });

  it('numbers events in the order they were recorded', async () => {
    const events = ['a', 'b', 'c'].map((id) => incoming('resp_1', { id }));
    expect(await store.head()).toBe(0);
    await insert(...events.slice(0, 2));
    const head = await store.head();
    await insert(...events.slice(2));
    expect(await idsOf({})).toEqual(['a', 'b', 'c']);
    expect(await idsOf({}, { after: head })).toEqual(['c']);
    expect(await idsOf({}, { upTo: head })).toEqual(['a', 'b']);
  });

  it('finds events by every part of the filter', async () => {
    await insert(
      incoming('resp_1', { id: 'a', key: 'conv_1' }),
      incoming('resp_2', { id: 'b', type: 'other', tenant: 'globex', occurredAtMs: someDayMs + hourMs }),
      { ...modelEvent('parley-tiny', { id: 'c' }), turnId: '', endsTurn: false },
    );
    expect(await idsOf({ turnId: 'resp_1' })).toEqual(['a']);
    expect(await idsOf({ subject: 'conv_1' })).toEqual(['a']);
    expect(await idsOf({ subject: 'resp_2' })).toEqual(['b']);
    expect(await idsOf({ subject: 'parley-tiny' })).toEqual(['c']);
    expect(await idsOf({ types: ['other', 'parley.model.loaded.v1'] })).toEqual(['b', 'c']);
    expect(await idsOf({ tenant: 'acme' })).toEqual(['a']);
    expect(await idsOf({ fromMs: someDayMs + hourMs })).toEqual(['b']);
    expect(await idsOf({ toMs: someDayMs + hourMs })).toEqual(['a', 'c']);
    expect(await idsOf({ tenant: 'globex', subject: 'resp_1' })).toEqual([]);
    expect(
      await idsOf({ tenant: 'globex', subject: 'resp_2', types: ['other'], toMs: someDayMs + 2 * hourMs }),
    ).toEqual(['b']);
    expect(await idsOf({ types: [] })).toEqual([]);
  });

  it('cuts a page by count and by size, and says how far it came', async () => {
    const events = ['a', 'b', 'c'].map((id) =>
      incoming('resp_1', { id, data: `{"x":"${'x'.repeat(100)}"}` }),
    );
    await insert(...events);
    const whole = { filter: {}, after: 0, upTo: await store.head() };
    const byCount = await store.page({ ...whole, limit: 2, maxDataLength: 1000 });
    expect(byCount.events.map((event) => event.id)).toEqual(['a', 'b']);
    expect(byCount.reached).toBe(byCount.events[1]?.position);
    const bySize = await store.page({
      ...whole,
      after: byCount.reached - 1,
      limit: 10,
      maxDataLength: 150,
    });
    expect(bySize.events.map((event) => event.id)).toEqual(['b']);
    expect(bySize.reached).toBe(byCount.reached);
    const oversize = await store.page({ ...whole, after: bySize.reached, limit: 10, maxDataLength: 1 });
    expect(oversize.events.map((event) => event.id)).toEqual(['c']);
  });

  it('knows the events and the ended turns that it has', async () => {
    await insert(incoming('resp_1', { id: 'a', endsTurn: true }), incoming('resp_2', { id: 'b' }));
    const { type } = incoming('resp_1');
    expect(await store.write((tx) => tx.knownEvents(['a', 'b', 'z']))).toEqual(
      new Map([
        ['a', type],
        ['b', type],
      ]),
    );
    expect(await store.write((tx) => tx.endedTurns(['resp_1', 'resp_2']))).toEqual(new Set(['resp_1']));
    expect(await store.write((tx) => tx.knownEvents([]))).toEqual(new Map());
  });

  it('lets no turn end twice, and undoes the whole write that tries', async () => {
    await insert(incoming('resp_1', { id: 'a', endsTurn: true }));
    await expect(
      insert(incoming('resp_2', { id: 'b' }), incoming('resp_1', { id: 'c', endsTurn: true })),
    ).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(await idsOf({})).toEqual(['a']);
  });

  it('undoes a write whose work fails', async () => {
    const write = store.write(async (tx) => {
      await tx.insertEvents([incoming('resp_1')], someDayMs);
      throw new Error('stop');
    });
    await expect(write).rejects.toMatchObject({ cause: new Error('stop') });
    expect(await store.head()).toBe(0);
  });

  it('keeps a dead letter once', async () => {
    const add = (...letters: DeadLetter[]) => store.write((tx) => tx.insertDeadLetters(letters, someDayMs));
    expect(await add(letter('x'), letter('x'), letter('y'))).toEqual([letter('x'), letter('y')]);
    expect(await add(letter('y'), letter('z'))).toEqual([letter('z')]);
  });

  it('takes a full batch at once', async () => {
    const batch = Array.from({ length: 256 }, (_, n) => incoming(`resp_${n}`, { endsTurn: true }));
    await insert(...batch);
    expect(await idsOf({}, { limit: 1000 })).toEqual(batch.map((event) => event.id));
  });

  it('removes what is old, in steps, and frees the turns of it', async () => {
    const old = { endsTurn: true, occurredAtMs: someDayMs };
    await insert(incoming('resp_1', { ...old, id: 'a' }), incoming('resp_2', { ...old, id: 'b' }));
    await insert(incoming('resp_3', { id: 'c', endsTurn: true, occurredAtMs: someDayMs + hourMs }));
    await store.write((tx) => tx.insertDeadLetters([letter('x')], someDayMs));
    expect(await store.removeBefore(someDayMs, 1)).toBe(0);
    expect(await store.removeBefore(someDayMs + 1, 1)).toBe(3);
    expect(await store.removeBefore(someDayMs + 1, 1)).toBe(2);
    expect(await store.removeBefore(someDayMs + 1, 1)).toBe(0);
    expect(await idsOf({})).toEqual(['c']);
    expect(await store.write((tx) => tx.endedTurns(['resp_1', 'resp_3']))).toEqual(new Set(['resp_3']));
  });

  it('proves that it can be written', async () => {
    await store.probe();
    await store.probe();
  });

  it('serves readers and a writer at the same time', async () => {
    const writes = Array.from({ length: 20 }, (_, n) => insert(incoming('resp_1', { id: `e${n}` })));
    const reads = Array.from({ length: 20 }, () => idsOf({}));
    await Promise.all([...writes, ...reads]);
    expect(await idsOf({})).toHaveLength(20);
  });

  it('looks at a part of a large range, and the parts add up', async () => {
    const batches = Array.from({ length: 50 }, (_, b) =>
      Array.from({ length: 250 }, (_, n) => incoming(`resp_${b}_${n}`)),
    );
    for (const batch of batches) await insert(...batch);
    await insert(incoming('resp_x', { id: 'last', type: 'rare' }));
    const upTo = await store.head();
    const found: string[] = [];
    let after = 0;
    for (let reads = 0; after < upTo && reads < 10; reads++) {
      const page = await store.page({
        filter: { types: ['rare'] },
        after,
        upTo,
        limit: 10,
        maxDataLength: 1000,
      });
      found.push(...page.events.map((event) => event.id));
      expect(page.reached).toBeGreaterThan(after);
      after = page.reached;
    }
    expect([after, found]).toEqual([upTo, ['last']]);
  });
});
