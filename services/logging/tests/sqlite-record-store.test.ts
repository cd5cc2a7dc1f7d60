import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userKey } from '@parley/contracts';
import { migrate } from '@parley/sqlite';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { lockRecord } from '../src/adapters/outbound/sqlite/lock-record.ts';
import { migrationSql, recordMigrations } from '../src/adapters/outbound/sql/record-migrations.ts';
import { openSqliteRecordStore } from '../src/adapters/outbound/sqlite/sqlite-record-store.ts';
import { Erasures } from '../src/domain/erasures.ts';
import { someDayMs, turnEvent } from './support/records.ts';

let folder: TemporaryFolder;
let files = 0;
const newFile = (): string => join(folder.path, `record-${files++}.db`);

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('the record in a file', () => {
  const event = { ...turnEvent('resp_1'), turnId: 'resp_1', endsTurn: true, user: '' };

  it('is there again when the file is opened again', async () => {
    const file = newFile();
    {
      await using store = openSqliteRecordStore(file);
      await store.write((tx) => tx.insertEvents([event], someDayMs));
    }
    await using again = openSqliteRecordStore(file);
    expect(await again.write((tx) => tx.knownEvents([event]))).toEqual(new Map([[event.id, event.type]]));
  });

  it('waits for another writer that is soon done', async () => {
    const file = newFile();
    await using store = openSqliteRecordStore(file);
    using other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const work = [store.probe(), store.write((tx) => tx.insertEvents([event], someDayMs))];
    setTimeout(() => other.exec('COMMIT'), 50);
    await Promise.all(work);
    expect(await store.head()).toBe(1);
  });

  it('of the layout before is brought to this one, with whose text it holds', async () => {
    const file = newFile();
    {
      using db = new DatabaseSync(file);
      const [first] = recordMigrations;
      if (first === undefined) throw new Error('there is no first layout');
      migrate(db, [{ version: first.version, sql: migrationSql(first, 'sqlite') }], 'record');
      const data = JSON.stringify({ turn: { turnId: 'resp_1', endUser: 'ada' }, instructions: 'secret' });
      db.prepare(
        `INSERT INTO events VALUES (1, 'e1', 't', '', 'resp_1', 'acme', 't', 'k', 0, 'resp_1', 5, 6, NULL, 9, ?)`,
      ).run(data);
      db.exec(`INSERT INTO terminal_turns VALUES ('resp_1', 'e1', 5);
        INSERT INTO dead_letters VALUES ('d1', 5, 'payload_not_json', '', 't', 3, 'k', 'e', 'x', 'acme', 'data');`);
    }
    await using store = openSqliteRecordStore(file);
    const bounds = { after: 0, limit: 10, maxDataLength: 1000 };
    expect(await store.letters.page(bounds)).toMatchObject([
      { id: 'd1', offset: 3, partition: 0, attributes: '', data: 'data', position: 1 },
    ]);
    expect(await store.letters.unpublished(10)).toHaveLength(1);
    await new Erasures(store).apply({ user: userKey('acme', 'ada'), erasedAtMs: 6 });
    const { events } = await store.page({ ...bounds, filter: {}, upTo: 10 });
    expect(events).toHaveLength(1);
    expect(events[0]?.data).not.toMatch(/secret|ada/);
    await store.upkeep.removeExpired({ others: 0, tenants: new Map([['acme', 6]]) }, 10);
    expect(await store.write((tx) => tx.endedTurns(['resp_1']))).toEqual(new Set());
  });

  it('belongs to one process at a time', () => {
    const lock = lockRecord(folder.path);
    expect(() => lockRecord(folder.path)).toThrow(expect.objectContaining({ code: 'conflict' }));
    lock[Symbol.dispose]();
    lockRecord(folder.path)[Symbol.dispose]();
  });

  it('names a data folder that cannot be written', () => {
    const blocked = newFile();
    writeFileSync(blocked, '');
    expect(() => lockRecord(blocked)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(blocked) }),
    );
  });
});
