import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { isBusy } from '@parley/sqlite';

/**
 * Takes the record of a data folder for one process, by an exclusive SQLite lock on `<dir>/record.lock`, which dies
 * with the process. `record.db` itself stays readable for tools.
 * @throws ParleyError `conflict` when another process has it, `config_invalid` when the folder cannot be written.
 */
export function lockRecord(dir: string): Disposable {
  const db = openLockFile(dir);
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw unwritable(dir, error);
    const message = `Another logging service keeps the record in ${dir}. One instance can use it; several need PostgreSQL.`;
    throw new ParleyError('conflict', message, { cause: error });
  }
  return { [Symbol.dispose]: () => db.close() };
}

function openLockFile(dir: string): DatabaseSync {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return new DatabaseSync(join(dir, 'record.lock'), { timeout: 0 });
  } catch (error) {
    throw unwritable(dir, error);
  }
}

function unwritable(dir: string, cause: unknown): ParleyError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ParleyError(
    'config_invalid',
    `The data folder ${dir} cannot be written (${why}). Set PARLEY_DATA to another.`,
    {
      cause,
    },
  );
}
