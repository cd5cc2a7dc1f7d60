import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@parley/kernel';
import { integerOf, prepared, textOf } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { Fence, LeaseStore } from '../ports.ts';
import type { Fences } from './fences.ts';

/** Leases nobody came back for go this long after their expiry, so that the table stays small. */
const forgottenAfterMs = 3_600_000;

const putLease = `
  INSERT INTO leases (name, owner, fence, expires_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, fence = excluded.fence, expires_at_ms = excluded.expires_at_ms`;

/** The counter of a lease's current fence; undefined when nobody has taken it. */
export function leaseFence(db: DatabaseSync, name: string): number | undefined {
  const row = prepared(db, 'SELECT fence FROM leases WHERE name = ?').get(name);
  return row === undefined ? undefined : integerOf(row, 'fence');
}

/** Leases in the `leases` table. */
export class SqliteLeaseStore implements LeaseStore {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, fences: Fences, clock: Clock) {
    this.#connection = connection;
    this.#fences = fences;
    this.#clock = clock;
  }

  acquire(names: readonly string[], owner: string, ttlMs: number): Promise<Map<string, Fence>> {
    return this.#connection.write((db) => {
      const now = this.#clock.now();
      prepared(db, 'DELETE FROM leases WHERE expires_at_ms <= ?').run(now - forgottenAfterMs);
      const taken = new Map<string, Fence>();
      for (const name of names) {
        const fence = this.#take(db, name, owner, now);
        if (fence === undefined) continue;
        prepared(db, putLease).run(name, owner, fence.counter, now + ttlMs);
        taken.set(name, fence);
      }
      return taken;
    });
  }

  release(names: readonly string[], owner: string): Promise<void> {
    return this.#connection.write((db) => {
      for (const name of names)
        prepared(db, 'DELETE FROM leases WHERE name = ? AND owner = ?').run(name, owner);
    });
  }

  /** The fence `owner` may have: its own when held without a gap, a new one when free, none when another holds it. */
  #take(db: DatabaseSync, name: string, owner: string, now: number): Fence | undefined {
    const row = prepared(db, 'SELECT owner, fence, expires_at_ms FROM leases WHERE name = ?').get(name);
    if (row === undefined || integerOf(row, 'expires_at_ms') <= now) return this.#fences.next(db);
    return textOf(row, 'owner') === owner ? this.#fences.at(integerOf(row, 'fence')) : undefined;
  }
}
