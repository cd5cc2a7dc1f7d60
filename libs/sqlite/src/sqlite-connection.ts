import { existsSync, realpathSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { retryWhileBusy } from './busy.ts';
import { GroupCommitWriter } from './group-commit-writer.ts';
import { openSqlite } from './open-sqlite.ts';
import { asStorageFault } from './storage-fault.ts';

/** One user's share of the connection this process has to a database file. Disposing finishes what it queued. */
export interface SqliteConnection extends AsyncDisposable {
  /** The connection itself, for `migrate` and other work at start. */
  readonly db: DatabaseSync;
  /** Runs `op` in a group-committed transaction: see `GroupCommitWriter.run`. */
  write<T>(op: (db: DatabaseSync) => T): Promise<T>;
  /** Runs `op`, which only reads and is short (below 200 ms), outside any transaction; retries while busy. */
  read<T>(op: (db: DatabaseSync) => T): Promise<T>;
}

interface Shared {
  /** Where it is in `open`; undefined for `:memory:`. */
  readonly key: string | undefined;
  readonly db: DatabaseSync;
  readonly writer: GroupCommitWriter;
  users: number;
}

const open = new Map<string, Shared>();

/**
 * Connects to a database file. All users of one file in one process share one connection and one writer, because two
 * writers of one process would only wait for each other. Every `:memory:` is a database of its own.
 */
export function connectSqlite(path: string): SqliteConnection {
  const shared = (path === ':memory:' ? undefined : open.get(keyOf(path))) ?? openShared(path);
  shared.users += 1;
  return connectionTo(shared);
}

function openShared(path: string): Shared {
  const db = openSqlite(path);
  const key = path === ':memory:' ? undefined : keyOf(path);
  const shared = { key, db, writer: new GroupCommitWriter(db), users: 0 };
  if (key !== undefined) open.set(key, shared);
  return shared;
}

function connectionTo(shared: Shared): SqliteConnection {
  let closed = false;
  const whileOpen = <T>(work: () => Promise<T>): Promise<T> =>
    closed ? Promise.reject(new ParleyError('unavailable', 'The database is closed.')) : work();
  return {
    db: shared.db,
    write: (op) => whileOpen(() => shared.writer.run(op)),
    read: (op) => whileOpen(() => read(shared.db, op)),
    [Symbol.asyncDispose]: async () => {
      if (closed) return;
      closed = true;
      await shared.writer.drain();
      shared.users -= 1;
      if (shared.users === 0) await close(shared);
    },
  };
}

async function read<T>(db: DatabaseSync, op: (db: DatabaseSync) => T): Promise<T> {
  try {
    return await retryWhileBusy(() => op(db));
  } catch (error) {
    throw asStorageFault(error);
  }
}

async function close(shared: Shared): Promise<void> {
  if (shared.key !== undefined) open.delete(shared.key);
  await shared.writer[Symbol.asyncDispose]();
  shared.db.close();
}

function keyOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
