import { statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../src/open-sqlite.ts';
import { connectSqlite } from '../src/sqlite-connection.ts';

const countRows = 'SELECT count(*) AS n FROM t';

describe('a connection to a file', () => {
  test('is one for all its users in a process, whatever name they use, until the last has gone', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    const first = connectSqlite(path);
    symlinkSync(path, join(folder.path, 'link.db'));
    const second = connectSqlite(join(folder.path, 'link.db'));
    expect(second.db).toBe(first.db);
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await second.write((db) => db.exec('CREATE TABLE t (n INTEGER)'));
    await second[Symbol.asyncDispose]();
    expect(second.db.isOpen).toBe(false);
    await using third = connectSqlite(path);
    expect(await third.read((db) => db.prepare(countRows).get())).toEqual({ n: 0 });
  });

  test('finishes what was asked of it when it closes, and refuses what comes later', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    const connection = connectSqlite(path);
    const writing = connection.write((db) => db.exec('CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)'));
    await connection[Symbol.asyncDispose]();
    await writing;
    await expect(connection.write(() => 1)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(connection.read(() => 1)).rejects.toMatchObject({ code: 'unavailable' });
    using reopened = openSqlite(path);
    expect(reopened.prepare(countRows).get()).toEqual({ n: 1 });
  });

  test('survives a power cut after a commit, never waits for a lock, and keeps others out of the file', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'new', 'fleet.db');
    using db = openSqlite(path);
    const full = 2;
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: full });
    expect(db.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 0 });
    expect(db.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

test('every in-memory connection is a database of its own', async () => {
  await using first = connectSqlite(':memory:');
  await using second = connectSqlite(':memory:');
  await first.write((db) => db.exec('CREATE TABLE t (n INTEGER)'));
  await expect(second.read((db) => db.prepare(countRows).get())).rejects.toThrow('no such table');
});
