import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { integerOf, prepared } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { Fence, JobEnd, JobRunStore, StoredJob } from '../ports.ts';
import type { Fences } from './fences.ts';
import { jobColumns, jobOf, kindIsIn } from './job-row.ts';

const selectFree = `
  SELECT position FROM jobs
  WHERE ${kindIsIn} AND ended_at_ms IS NULL AND (state = 'queued' OR lease_ends_at_ms <= ?)
  ORDER BY position LIMIT 1`;

const takeJob = `
  UPDATE jobs SET state = 'running', owner = ?, fence = ?, starts = starts + 1, lease_ends_at_ms = ?
  WHERE position = ? RETURNING ${jobColumns}`;

/** Leases are written again when this share of their time or less is left: a renewal may come every half second. */
const renewedBelow = 2 / 3;

/** Jobs in the `jobs` table, for those who run them. */
export class SqliteJobRunStore implements JobRunStore {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, fences: Fences, clock: Clock) {
    this.#connection = connection;
    this.#fences = fences;
    this.#clock = clock;
  }

  async claim(kinds: readonly string[], owner: string, ttlMs: number): Promise<StoredJob | undefined> {
    const names = JSON.stringify(kinds);
    const free = (db: DatabaseSync) => prepared(db, selectFree).get(names, this.#clock.now());
    // Most questions find nothing: only one that may find something takes the write lock.
    if ((await this.#connection.read(free)) === undefined) return undefined;
    return this.#connection.write((db) => {
      const row = free(db);
      if (row === undefined) return undefined;
      const leaseEndsAtMs = this.#clock.now() + ttlMs;
      const { counter } = this.#fences.next(db);
      const taken = prepared(db, takeJob).get(owner, counter, leaseEndsAtMs, integerOf(row, 'position'));
      return taken === undefined ? undefined : jobOf(taken, this.#fences);
    });
  }

  async renew(owner: string, ttlMs: number): Promise<StoredJob[]> {
    const select = `SELECT ${jobColumns}, lease_ends_at_ms FROM jobs WHERE ended_at_ms IS NULL AND state = 'running'
      AND owner = ? ORDER BY position`;
    const rows = await this.#connection.read((db) => prepared(db, select).all(owner));
    const dueAtMs = this.#clock.now() + ttlMs * renewedBelow;
    if (rows.every((row) => integerOf(row, 'lease_ends_at_ms') > dueAtMs))
      return rows.map((row) => jobOf(row, this.#fences));
    return this.#connection.write((db) => {
      const update = `UPDATE jobs SET lease_ends_at_ms = ? WHERE ended_at_ms IS NULL AND state = 'running' AND owner = ?`;
      prepared(db, update).run(this.#clock.now() + ttlMs, owner);
      return prepared(db, select)
        .all(owner)
        .map((row) => jobOf(row, this.#fences));
    });
  }

  save(id: string, fence: Fence, document: string): Promise<void> {
    return this.#connection.write((db) => {
      this.#requireOwnership(db, id, fence);
      prepared(db, 'UPDATE jobs SET document = ? WHERE id = ?').run(document, id);
    });
  }

  end(id: string, fence: Fence, { state, document, endedAtMs }: JobEnd): Promise<void> {
    return this.#connection.write((db) => {
      this.#requireOwnership(db, id, fence);
      const update = 'UPDATE jobs SET state = ?, document = ?, ended_at_ms = ? WHERE id = ?';
      prepared(db, update).run(state, document, endedAtMs, id);
    });
  }

  release(id: string, fence: Fence): Promise<void> {
    return this.#connection.write((db) => {
      if (!this.#owns(db, id, fence)) return;
      const update =
        "UPDATE jobs SET state = 'queued', starts = starts - 1, lease_ends_at_ms = 0 WHERE id = ?";
      prepared(db, update).run(id);
    });
  }

  #requireOwnership(db: DatabaseSync, id: string, fence: Fence): void {
    if (this.#owns(db, id, fence)) return;
    throw new ParleyError('stale_fence', `Job ${id} has ended or belongs to another owner.`);
  }

  #owns(db: DatabaseSync, id: string, fence: Fence): boolean {
    const select = "SELECT fence FROM jobs WHERE id = ? AND ended_at_ms IS NULL AND state = 'running'";
    const row = prepared(db, select).get(id);
    return row !== undefined && this.#fences.matches(fence, integerOf(row, 'fence'));
  }
}
