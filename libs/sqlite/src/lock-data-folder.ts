import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { isBusy } from './busy.ts';

/** A data folder held for one fleet; the operating system frees it when the process dies. */
export interface FolderLock {
  release(): void;
}

/** Keeps the connections alive: one that is garbage-collected closes, and its lock goes with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the data folder for one fleet, by an exclusive SQLite lock on `<dir>/fleet.lock`: unlike a pid file it can
 * be neither stale nor mistaken for another process. The folder is made (0700) when missing.
 * @throws ParleyError `conflict` when another fleet has it.
 */
export function lockDataFolder(dir: string): FolderLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(join(dir, 'fleet.lock'), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    const message = `Another fleet uses the data folder ${dir}. Stop it, or set PARLEY_DATA to another folder.`;
    throw new ParleyError('conflict', message, { cause: error });
  }
  held.add(db);
  return {
    release: () => {
      if (held.delete(db)) db.close();
    },
  };
}
