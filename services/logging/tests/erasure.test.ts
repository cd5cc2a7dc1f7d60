import { join } from 'node:path';
import { turnEventTypes, userEventTypes, userKey } from '@parley/contracts';
import type { EventRecord } from '@parley/events/ports';
import { findServer, postgresKind, temporaryFolder } from '@parley/testing';
import type { TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresRecordStore } from '../src/adapters/outbound/postgres/postgres-record-store.ts';
import { openSqliteRecordStore } from '../src/adapters/outbound/sqlite/sqlite-record-store.ts';
import { RecordReader } from '../src/domain/record-reader.ts';
import type { StoredEvent } from '../src/domain/recorded-event.ts';
import type { RecordStore } from '../src/ports/record-store.ts';
import { received, someDayMs, turnEvent } from './support/records.ts';
import { TestDatabases } from './support/test-postgres.ts';
import { recorderOn } from './support/test-recorder.ts';

const hourMs = 3_600_000;
const erasedAtMs = someDayMs + 10 * hourMs;
const iso = (ms: number): string => new Date(ms).toISOString();

/** The end of a turn of a user, with text; it was accepted a minute before its end. */
function said(
  turnId: string,
  endUser: string,
  endedAtMs: number,
  change: Partial<EventRecord> = {},
): EventRecord {
  const data = {
    turn: { turnId, tenant: 'acme', endUser, record: 'RECORD_POLICY_FULL' },
    instructions: `instructions of ${endUser}`,
    input: [{ id: 'i', role: 'ROLE_USER', content: [{ text: `text of ${endUser}` }] }],
    usage: { inputTokens: 7 },
    acceptedAt: iso(endedAtMs - 60_000),
  };
  return turnEvent(turnId, turnEventTypes.completed, {
    data: JSON.stringify(data),
    occurredAtMs: endedAtMs,
    ...change,
  });
}

function erasure(endUser: string, tenant = 'acme'): EventRecord {
  const key = userKey(tenant, endUser);
  return turnEvent(key, userEventTypes.erased, {
    tenant,
    data: JSON.stringify({ tenant, endUser, erasedAt: iso(erasedAtMs) }),
    occurredAtMs: erasedAtMs,
  });
}

const before = said('resp_1', 'ursula', erasedAtMs - hourMs);
const across = said('resp_2', 'ursula', erasedAtMs + 30_000);
const afterwards = said('resp_3', 'ursula', erasedAtMs + hourMs);
const ofOthers = said('resp_4', 'bob', erasedAtMs - hourMs);
const elsewhere = said('resp_5', 'ursula', erasedAtMs - hourMs, { tenant: 'globex' });
const broken = said('resp_6', 'ursula', erasedAtMs - hourMs, { sequence: -1 });
const all = [before, across, afterwards, ofOthers, elsewhere, broken];
const kept = [afterwards, ofOthers, elsewhere];

async function read(store: RecordStore): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of new RecordReader(store, { now: Date.now }).pages({})) events.push(...page.events);
  return events;
}

/** What is the case once the record holds all events, in whatever order they came. */
async function expectErased(store: RecordStore): Promise<void> {
  const events = await read(store);
  const dataOf = (record: EventRecord): string =>
    events.find(({ id }) => id === record.id)?.data ?? 'missing';
  for (const record of kept) expect(dataOf(record)).toBe(record.data);
  for (const record of [before, across]) {
    expect(dataOf(record)).not.toContain('ursula');
    expect(JSON.parse(dataOf(record))).toMatchObject({
      turn: { tenant: 'acme', record: 'RECORD_POLICY_METADATA' },
      input: [{ id: 'i', role: 'ROLE_USER' }],
      usage: { inputTokens: 7 },
    });
  }
  const [told] = events.filter(({ type }) => type === userEventTypes.erased);
  expect(told?.data).not.toContain('ursula');
  const letters = await store.letters.page({ after: 0, limit: 10, maxDataLength: 99_999 });
  expect(letters).toHaveLength(1);
  expect(JSON.stringify(letters)).not.toContain('ursula');
}

/** The batches of a log in which records of several keys lie side by side. */
async function record(store: RecordStore, ...batches: readonly EventRecord[][]): Promise<void> {
  const { recorder } = recorderOn(store);
  for (const batch of batches) await recorder.record(received(...batch));
}

const postgres = await findServer(postgresKind);

function erasureStories(open: () => Promise<RecordStore>): void {
  it('takes the texts of before out of the record, and leaves what came later', async () => {
    await using store = await open();
    await record(store, all, [erasure('ursula')]);
    await expectErased(store);
  });

  it('goes for what comes later and happened before', async () => {
    await using store = await open();
    await record(store, [erasure('ursula')], all);
    await expectErased(store);
  });

  it('goes for what comes in the same batch', async () => {
    await using store = await open();
    await record(store, [...all.slice(0, 3), erasure('ursula'), ...all.slice(3)]);
    await expectErased(store);
  });

  it('comes true again when the whole topic is read into an empty record', async () => {
    const told = erasure('ursula');
    await using store = await open();
    await record(store, all, [told], all, [told]);
    await expectErased(store);
    await using rebuilt = await open();
    await record(rebuilt, all, [told]);
    expect((await read(rebuilt)).map(({ id, data }) => [id, data])).toEqual(
      (await read(store)).map(({ id, data }) => [id, data]),
    );
  });

  it('of an earlier time does not undo a later one', async () => {
    await using store = await open();
    const early = {
      ...erasure('ursula'),
      id: 'early',
      data: erasure('ursula').data.replace(iso(erasedAtMs), iso(5)),
    };
    await record(store, [erasure('ursula')], [early], all);
    await expectErased(store);
  });

  it('has no end of steps too early when a user has many events', async () => {
    await using store = await open();
    const many = Array.from({ length: 450 }, (_, n) => said(`resp_many_${n}`, 'ursula', someDayMs + n));
    for (let begin = 0; begin < many.length; begin += 150)
      await record(store, many.slice(begin, begin + 150));
    await record(store, [erasure('ursula')]);
    expect((await read(store)).filter((event) => JSON.stringify(event).includes('ursula'))).toEqual([]);
  });
}

describe('an erasure', () => {
  erasureStories(() => Promise.resolve(openSqliteRecordStore(':memory:')));

  it('is remembered by a record that is opened again', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'record.db');
    {
      await using store = openSqliteRecordStore(file);
      await record(store, [erasure('ursula')]);
    }
    await using again = openSqliteRecordStore(file);
    await record(again, all);
    await expectErased(again);
  });
});

describe.skipIf(postgres.skip !== undefined)(postgres.title('an erasure on PostgreSQL'), () => {
  let server: TestServer<string>;
  let databases: TestDatabases;
  beforeAll(async () => {
    server = await postgres.start();
    databases = new TestDatabases(server.address);
  });
  afterAll(async () => {
    await databases?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  erasureStories(async () => (await openPostgresRecordStore(await databases.make())).store);
});
