import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { eventually, temporaryFolder } from '@parley/testing';
import { describe, expect, test } from 'vitest';
import { GroupCommitWriter } from '../src/group-commit-writer.ts';
import { openSqlite } from '../src/open-sqlite.ts';

function openNumbers(path = ':memory:'): DatabaseSync {
  const db = openSqlite(path);
  db.exec('CREATE TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY)');
  return db;
}

const insert = (n: number) => (db: DatabaseSync) =>
  db.prepare('INSERT INTO numbers VALUES (?)').run(n).changes;
const numbersIn = (db: DatabaseSync): unknown[] =>
  db
    .prepare('SELECT n FROM numbers ORDER BY n')
    .all()
    .map(({ n }) => n);

describe('a group commit writer', () => {
  test('runs operations in order and gives each caller its result', async () => {
    const db = openNumbers();
    await using writer = new GroupCommitWriter(db);
    const order: number[] = [];
    const results = await Promise.all([1, 2, 3].map((n) => writer.run(() => (order.push(n), n * 10))));
    expect(results).toEqual([10, 20, 30]);
    expect(order).toEqual([1, 2, 3]);
  });

  test('rejects only the caller whose operation fails, and leaves nothing of that operation', async () => {
    const db = openNumbers();
    await using writer = new GroupCommitWriter(db);
    const failing = writer.run((inside) => {
      insert(100)(inside);
      throw new Error('refused');
    });
    const outcomes = await Promise.allSettled([
      writer.run(insert(1)),
      failing,
      writer.run(insert(1)),
      writer.run(insert(2)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(numbersIn(db)).toEqual([1, 2]);
  });

  test('puts the operations of many callers into few transactions, none larger than the bound', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'numbers.db');
    using other = openNumbers(path);
    using db = openNumbers(path);
    await using writer = new GroupCommitWriter(db, { maxBatch: 10 });
    // Another connection sees whole transactions only, so what it sees during an operation says where one begins.
    const seen = await Promise.all(
      Array.from({ length: 25 }, (_, n) =>
        writer.run((inside) => {
          insert(n)(inside);
          return numbersIn(other).length;
        }),
      ),
    );
    const groups = [...Array(10).fill(0), ...Array(10).fill(10), ...Array(5).fill(20)];
    expect(seen).toEqual(groups);
  });

  test('refuses an operation that is asynchronous', async () => {
    await using writer = new GroupCommitWriter(openNumbers());
    await expect(writer.run(async () => 1)).rejects.toThrow('must be synchronous');
  });

  test('waits for the lock of another connection without blocking, and then commits', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'numbers.db');
    using other = openNumbers(path);
    using db = openNumbers(path);
    await using writer = new GroupCommitWriter(db);
    other.exec('BEGIN IMMEDIATE');
    let done = false;
    const writing = writer.run(insert(1)).then(() => (done = true));
    let ticks = 0;
    await eventually(() => expect((ticks += 1)).toBeGreaterThan(10));
    expect(done).toBe(false);
    other.exec('COMMIT');
    await writing;
    expect(numbersIn(other)).toEqual([1]);
  });

  test('gives up on a lock that stays, and works again once it has gone', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'numbers.db');
    using other = openNumbers(path);
    using db = openNumbers(path);
    await using writer = new GroupCommitWriter(db, { busyLimitMs: 150 });
    other.exec('BEGIN IMMEDIATE');
    await expect(writer.run(insert(1))).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    other.exec('ROLLBACK');
    await writer.run(insert(2));
    expect(numbersIn(other)).toEqual([2]);
  });

  test('says that the disk is full, and works again once there is room', async () => {
    const db = openNumbers();
    db.exec('CREATE TABLE texts (t TEXT)');
    const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
    await using writer = new GroupCommitWriter(db);
    const large = (inside: DatabaseSync): void => {
      inside.prepare('INSERT INTO texts VALUES (?)').run('x'.repeat(100_000));
    };
    db.exec(`PRAGMA max_page_count = ${pages + 1}`);
    await expect(writer.run(large)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('full'),
    });
    db.exec('PRAGMA max_page_count = 100000');
    await writer.run(large);
  });

  test('bounds what waits', async () => {
    await using writer = new GroupCommitWriter(openNumbers(), { maxQueued: 3 });
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((n) => writer.run(insert(n))));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[3]).toMatchObject({ reason: { code: 'overloaded' } });
  });

  test('finishes what waits when it is disposed, and refuses what comes later', async () => {
    const db = openNumbers();
    const writer = new GroupCommitWriter(db, { maxDelayMs: 5, maxBatch: 2 });
    const writing = Promise.all([1, 2, 3, 4, 5].map((n) => writer.run(insert(n))));
    await writer[Symbol.asyncDispose]();
    expect(numbersIn(db)).toEqual([1, 2, 3, 4, 5]);
    await writing;
    await expect(writer.run(insert(6))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
