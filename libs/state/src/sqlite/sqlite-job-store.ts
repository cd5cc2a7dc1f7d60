import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { integerOf, prepared, textOf } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { JobCount, JobStore, NewJob, StoredJob } from '../ports.ts';
import type { Fences } from './fences.ts';
import { jobColumns, jobOf, jobStateOf, kindIsIn, optionalJobOf } from './job-row.ts';

const insertJob = `
  INSERT INTO jobs (id, kind, subject, state, owner, fence, starts, cancel_requested, lease_ends_at_ms, created_at_ms,
    params, document)
  VALUES (?, ?, ?, 'queued', '', 0, 0, 0, 0, ?, ?, ?)
  RETURNING ${jobColumns}`;

const cancelJob = `
  UPDATE jobs SET cancel_requested = 1,
    state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
    ended_at_ms = CASE state WHEN 'queued' THEN ? END
  WHERE id = ? AND ended_at_ms IS NULL`;

const deleteOld = `
  DELETE FROM jobs WHERE ${kindIsIn} AND ended_at_ms IS NOT NULL AND (ended_at_ms < ? OR position NOT IN (
    SELECT position FROM jobs WHERE ${kindIsIn} AND ended_at_ms IS NOT NULL
    ORDER BY ended_at_ms DESC, position DESC LIMIT ?))`;

/** How long a caller should wait before it asks for another job of a kind whose queue is full. */
const fullQueueRetryMs = 10_000;

/** Jobs in the `jobs` table, for those who ask for them. */
export class SqliteJobStore implements JobStore {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;

  constructor(connection: SqliteConnection, fences: Fences) {
    this.#connection = connection;
    this.#fences = fences;
  }

  add(job: NewJob, limits: { readonly maxQueued: number; readonly share: boolean }): Promise<StoredJob> {
    return this.#connection.write((db) => {
      const shared = limits.share ? this.#openOne(db, job) : undefined;
      if (shared !== undefined) return shared;
      requireRoom(db, job.kind, limits.maxQueued);
      if (this.#find(db, job.id) !== undefined)
        throw new ParleyError('conflict', `Job ${job.id} exists already.`);
      const { id, kind, subject, createdAtMs, params, document } = job;
      const row = prepared(db, insertJob).get(id, kind, subject, createdAtMs, params, document);
      if (row === undefined) throw new ParleyError('internal', `Job ${id} was not written.`);
      return jobOf(row, this.#fences);
    });
  }

  get(id: string): Promise<StoredJob | undefined> {
    return this.#connection.read((db) => this.#find(db, id));
  }

  list(kinds: readonly string[], limit: number): Promise<StoredJob[]> {
    const select = `SELECT ${jobColumns} FROM jobs WHERE ${kindIsIn} ORDER BY position DESC LIMIT ?`;
    return this.#connection.read((db) =>
      prepared(db, select)
        .all(JSON.stringify(kinds), limit)
        .map((row) => jobOf(row, this.#fences)),
    );
  }

  cancel(id: string, atMs: number): Promise<StoredJob | undefined> {
    return this.#connection.write((db) => {
      prepared(db, cancelJob).run(atMs, id);
      return this.#find(db, id);
    });
  }

  prune(kinds: readonly string[], keep: number, endedBeforeMs: number): Promise<JobCount[]> {
    const names = JSON.stringify(kinds);
    const count = `SELECT kind, state, count(*) AS count FROM jobs WHERE ${kindIsIn} GROUP BY kind, state`;
    return this.#connection.write((db) => {
      prepared(db, deleteOld).run(names, endedBeforeMs, names, keep);
      return prepared(db, count)
        .all(names)
        .map((row) => ({
          kind: textOf(row, 'kind'),
          state: jobStateOf(row),
          count: integerOf(row, 'count'),
        }));
    });
  }

  #find(db: DatabaseSync, id: string): StoredJob | undefined {
    const row = prepared(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`).get(id);
    return optionalJobOf(row, this.#fences);
  }

  #openOne(db: DatabaseSync, { kind, subject }: NewJob): StoredJob | undefined {
    // A job that is to be cancelled is no answer to somebody who wants the work done.
    const select = `SELECT ${jobColumns} FROM jobs WHERE kind = ? AND subject = ? AND ended_at_ms IS NULL
      AND cancel_requested = 0 ORDER BY position LIMIT 1`;
    return optionalJobOf(prepared(db, select).get(kind, subject), this.#fences);
  }
}

function requireRoom(db: DatabaseSync, kind: string, maxQueued: number): void {
  const select =
    "SELECT count(*) AS count FROM jobs WHERE kind = ? AND ended_at_ms IS NULL AND state = 'queued'";
  const row = prepared(db, select).get(kind);
  const queued = row === undefined ? 0 : integerOf(row, 'count');
  if (queued < maxQueued) return;
  const message = `${queued} jobs of kind "${kind}" wait already; no more are taken until one of them starts.`;
  throw new ParleyError('overloaded', message, { retryAfterMs: fullQueueRetryMs, details: { kind, queued } });
}
