import type { DatabaseSync } from 'node:sqlite';
import { prepared } from './prepared.ts';
import { asStorageFault } from './storage-fault.ts';

/** One caller's operation and how to answer it. */
export interface Job {
  readonly run: (db: DatabaseSync) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** By `performance.now()`. */
  readonly queuedAt: number;
}

/**
 * Runs all jobs in one transaction and commits it. Nobody has been answered when it returns: calling the result
 * does that, because only then is the batch durable.
 * @throws whatever stops the whole transaction; nothing is written then.
 */
export function commitBatch(db: DatabaseSync, jobs: readonly Job[]): () => void {
  prepared(db, 'BEGIN IMMEDIATE').run();
  try {
    const answers = jobs.map((job) => runInSavepoint(db, job));
    prepared(db, 'COMMIT').run();
    return () => answers.forEach((answer) => answer());
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function runInSavepoint(db: DatabaseSync, job: Job): () => void {
  prepared(db, 'SAVEPOINT job').run();
  try {
    const value = job.run(db);
    if (value instanceof Promise) throw new TypeError('A database operation must be synchronous.');
    prepared(db, 'RELEASE job').run();
    return () => job.resolve(value);
  } catch (error) {
    // A full disk or an I/O fault ends the transaction as a whole; then no job of it has happened.
    if (!db.isTransaction) throw error;
    prepared(db, 'ROLLBACK TO job').run();
    prepared(db, 'RELEASE job').run();
    return () => job.reject(asStorageFault(error));
  }
}
