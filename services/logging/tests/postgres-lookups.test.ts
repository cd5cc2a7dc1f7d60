import { eventually, findServer, postgresKind } from '@parley/testing';
import type { TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresRecordStore } from '../src/adapters/outbound/postgres/postgres-record-store.ts';
import { received, turnEvent } from './support/records.ts';
import { TestDatabases, query } from './support/test-postgres.ts';
import { recordedIds, recorderOn } from './support/test-recorder.ts';

const postgres = await findServer(postgresKind);

/** A new database is one whose server knows nothing of its tables yet, as at the beginning of a month. */
describe.skipIf(postgres.skip !== undefined)(postgres.title('a new record on PostgreSQL'), () => {
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

  it('finds what it has by indexes alone, however much that is', async () => {
    const target = await databases.make();
    const { store } = await openPostgresRecordStore(target);
    const { recorder, events } = recorderOn(store);
    const batches = Array.from({ length: 12 }, (_, b) =>
      received(
        ...Array.from({ length: 250 }, (_, n) =>
          turnEvent(`resp_${b}_${n}`, undefined, { occurredAtMs: Date.now() }),
        ),
      ),
    );
    for (const batch of [...batches, batches[0] ?? []]) await recorder.record(batch);
    expect(events.lines.filter((line) => line.startsWith('duplicate'))).toHaveLength(250);
    await store[Symbol.asyncDispose]();
    const scans = `select sum(seq_tup_read)::int as rows from pg_stat_user_tables
      where relname = 'terminal_turns' or relname like 'events\\_%'`;
    await eventually(async () => {
      const indexed = await query<{ found: boolean }>(
        target,
        "select bool_or(idx_tup_fetch >= 250) as found from pg_stat_user_tables where relname like 'events%'",
      );
      expect(indexed).toEqual([{ found: true }]);
    });
    expect(await query(target, scans)).toEqual([{ rows: 0 }]);
  });

  it('has no index that leads to events by their time before their id', async () => {
    const target = await databases.make();
    await using _ = (await openPostgresRecordStore(target)).store;
    const indexes = await query<{ text: string }>(
      target,
      "select indexdef as text from pg_indexes where tablename = 'events' and indexdef like '%occurred_at%'",
    );
    expect(indexes.map(({ text }) => text.replace(/^.*USING /, '')).toSorted()).toEqual([
      'brin (occurred_at)',
      'btree (id, occurred_at)',
    ]);
  });

  it('keeps what a record of the layout before has, and knows it again', async () => {
    const target = await databases.make();
    const before = await openPostgresRecordStore(target);
    const batch = received(turnEvent('resp_1'), turnEvent('resp_2'));
    await recorderOn(before.store).recorder.record(batch);
    await before.store[Symbol.asyncDispose]();
    await query(
      target,
      `alter table events drop constraint events_pkey, add primary key (occurred_at, id);
      create index events_id on events (id);
      drop index events_occurred_at;
      update layout_versions set version = 2`,
    );
    await using store = (await openPostgresRecordStore(target)).store;
    const { recorder, events } = recorderOn(store);
    await recorder.record(batch);
    expect(events.lines).toEqual(batch.map(({ id }) => `duplicate ${id}`));
    expect(await recordedIds(store)).toEqual(batch.map(({ id }) => id));
  });
});
