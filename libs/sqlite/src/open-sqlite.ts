import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { retryWhileBusySync } from './busy.ts';

/** Bytes the WAL file keeps after a checkpoint; above it the file is cut, so that a burst does not hold the disk. */
const walKeptBytes = 64 * 1024 * 1024;

/**
 * Opens a database for one process's reads and writes: WAL, `synchronous=FULL` (a commit that returned survives a
 * power cut), no blocking wait for locks (`busy_timeout` 0: callers retry), foreign keys on. The file is made with
 * mode 0600, its folder when missing.
 * @param path a file, or `:memory:`.
 * @throws ParleyError `unavailable` when another process keeps it locked for 5 s.
 */
export function openSqlite(path: string): DatabaseSync {
  if (path !== ':memory:') makePrivateFile(path);
  const db = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
  try {
    retryWhileBusySync(() => db.exec('PRAGMA journal_mode = WAL'));
    db.exec(
      `PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${walKeptBytes}; PRAGMA temp_store = MEMORY`,
    );
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

function makePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  // Only a missing file is touched: closing a descriptor of a file drops the locks this process has on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}
