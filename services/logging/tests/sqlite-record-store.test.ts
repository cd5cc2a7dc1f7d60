import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { lockRecord } from '../src/adapters/outbound/sqlite/lock-record.ts';
import { openSqliteRecordStore } from '../src/adapters/outbound/sqlite/sqlite-record-store.ts';
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
    expect(await again.write((tx) => tx.knownEvents([event.id]))).toEqual(new Map([[event.id, event.type]]));
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
