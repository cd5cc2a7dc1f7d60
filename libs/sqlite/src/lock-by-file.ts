import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { isBusy } from './busy.ts';

/** A lock held by this process; the operating system frees it when the process dies. */
export interface FileLock {
  release(): void;
}

/** Keeps the connections alive: one that is garbage-collected closes, and its lock goes with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes an exclusive SQLite lock on a file of its own: unlike a pid file it can be neither stale nor mistaken for
 * another process. The file's folder is made (0700) when missing.
 * @param refusal what to say when another process has it
 * @throws ParleyError `conflict` with `refusal`; what the file system says when the file cannot be made, as it is.
 */
export function lockByFile(file: string, refusal: string): FileLock {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    throw new ParleyError('conflict', refusal, { cause: error });
  }
  held.add(db);
  return {
    release: () => {
      if (held.delete(db)) db.close();
    },
  };
}
