import { findServer, postgresKind } from '@parley/testing';
import type { TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresTarget } from '@parley/config';
import { openPostgresRecordStore } from '../src/adapters/outbound/postgres/postgres-record-store.ts';
import { incoming, shortcuts } from './support/fixture.ts';
import { TestDatabases, query, startReading } from './support/test-postgres.ts';

const postgres = await findServer(postgresKind);

async function partitions(target: PostgresTarget): Promise<string[]> {
  const rows = await query<{ name: string }>(
    target,
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events'::regclass order by 1",
  );
  return rows.map(({ name }) => name);
}

describe.skipIf(postgres.skip !== undefined)(postgres.title('the months of a record on PostgreSQL'), () => {
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

  it('makes partitions ahead, and for old events when they come', async () => {
    const clock = { now: () => Date.UTC(2031, 10, 28) };
    const target = await databases.make();
    await using store = (await openPostgresRecordStore(target, { clock })).store;
    const ahead = ['events_other', 'events_y2031m11', 'events_y2031m12', 'events_y2032m01'];
    expect(await partitions(target)).toEqual(ahead);
    const times = [Date.UTC(2030, 0, 1), Date.UTC(2031, 0, 1) - 1, 0, Date.UTC(2035, 5)];
    await shortcuts(store).insert(
      ...times.map((occurredAtMs, n) => incoming('resp_1', { id: `e${n}`, occurredAtMs })),
    );
    const made = ['events_y2030m01', 'events_y2030m12'];
    expect(await partitions(target)).toEqual([...ahead, ...made].toSorted());
    const others = await query<{ id: string }>(target, 'select id from events_other order by id');
    expect(others.map(({ id }) => id)).toEqual(['e2', 'e3']);
  });

  it('moves what came too early into its month when that is made', async () => {
    let now = Date.UTC(2031, 0, 1);
    const target = await databases.make();
    await using store = (await openPostgresRecordStore(target, { clock: { now: () => now } })).store;
    const early = incoming('resp_1', { id: 'early', occurredAtMs: Date.UTC(2032, 11, 24) });
    await shortcuts(store).insert(early);
    now = Date.UTC(2032, 10, 1);
    await store.upkeep.prepare(now);
    expect(await query(target, 'select id from events_y2032m12')).toEqual([{ id: 'early' }]);
    expect(await shortcuts(store).idsOf({})).toEqual(['early']);
  });

  it('drops a month when the time of all its tenants is over', async () => {
    const target = await databases.make();
    await using store = (await openPostgresRecordStore(target)).store;
    const [first, second] = [Date.UTC(2026, 0, 10), Date.UTC(2026, 1, 10)];
    await shortcuts(store).insert(
      incoming('r', { id: 'a', occurredAtMs: first }),
      incoming('r', { id: 'b', occurredAtMs: second }),
      incoming('r', { id: 'c', occurredAtMs: second, tenant: 'keeps' }),
    );
    const cutoffs = { others: Date.UTC(2026, 2, 1), tenants: new Map([['keeps', 0]]) };
    expect(await store.upkeep.removeExpired(cutoffs, 100)).toEqual({ rows: 0, months: 1 });
    expect(await partitions(target)).not.toContain('events_y2026m01');
    expect(await store.upkeep.removeExpired(cutoffs, 100)).toEqual({ rows: 1, months: 0 });
    expect(await store.upkeep.removeExpired(cutoffs, 100)).toEqual({ rows: 0, months: 0 });
    expect(await shortcuts(store).idsOf({})).toEqual(['c']);
  });

  it('knows an id again in the months around its time', async () => {
    const target = await databases.make();
    await using store = (await openPostgresRecordStore(target)).store;
    const first = incoming('r', { id: 'a', occurredAtMs: Date.UTC(2026, 0, 31) });
    await shortcuts(store).insert(first);
    const known = (occurredAtMs: number) => store.write((tx) => tx.knownEvents([{ id: 'a', occurredAtMs }]));
    for (const time of [first.occurredAtMs, Date.UTC(2026, 1, 1), Date.UTC(2026, 0, 1)])
      expect(await known(time)).toEqual(new Map([['a', first.type]]));
    expect(await known(Date.UTC(2027, 0, 31))).toEqual(new Map());
  });

  it('records events of a new month while somebody reads for long', async () => {
    const target = await databases.make();
    await using store = (await openPostgresRecordStore(target)).store;
    const reader = await startReading(target, 'events_other');
    const old = incoming('r', { id: 'old', occurredAtMs: Date.UTC(2024, 0, 1) });
    await shortcuts(store).insert(old);
    expect(await query(target, 'select id from events_other')).toEqual([{ id: 'old' }]);
    await reader[Symbol.asyncDispose]();
    await shortcuts(store).insert({ ...old, id: 'older' });
    expect(await query(target, 'select id from events_y2024m01 order by id')).toEqual([
      { id: 'old' },
      { id: 'older' },
    ]);
  });
});
