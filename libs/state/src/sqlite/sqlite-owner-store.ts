import type { Clock } from '@parley/kernel';
import { prepared, textOf } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { OwnerStore, StoredTurn } from '../ports.ts';
import type { Fences } from './fences.ts';
import { turnColumns, turnOf } from './running-turn.ts';

const renewOwner = `
  INSERT INTO owners (owner, expires_at_ms) VALUES (?, ?)
  ON CONFLICT (owner) DO UPDATE SET expires_at_ms = excluded.expires_at_ms`;

const selectOrphans = `
  SELECT ${turnColumns} FROM turns
  WHERE ended_at_ms IS NULL
    AND NOT EXISTS (SELECT 1 FROM owners WHERE owners.owner = turns.owner AND owners.expires_at_ms > ?)
  ORDER BY created_at_ms LIMIT ?`;

const selectRunning = `
  SELECT id FROM turns WHERE ended_at_ms IS NULL AND owner = ? AND created_at_ms < ?`;

/** Owners in the `owners` table; one without a row is gone, so a process renews before it accepts its first turn. */
export class SqliteOwnerStore implements OwnerStore {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, fences: Fences, clock: Clock) {
    this.#connection = connection;
    this.#fences = fences;
    this.#clock = clock;
  }

  renew(owner: string, ttlMs: number): Promise<string[]> {
    return this.#connection.write((db) => {
      const now = this.#clock.now();
      prepared(db, 'DELETE FROM owners WHERE expires_at_ms <= ?').run(now);
      prepared(db, renewOwner).run(owner, now + ttlMs);
      const living = prepared(db, 'SELECT owner FROM owners ORDER BY owner').all();
      return living.map((row) => textOf(row, 'owner'));
    });
  }

  release(owner: string): Promise<void> {
    return this.#connection.write((db) => {
      prepared(db, 'DELETE FROM owners WHERE owner = ?').run(owner);
    });
  }

  orphans(limit: number): Promise<StoredTurn[]> {
    return this.#connection.read((db) =>
      prepared(db, selectOrphans)
        .all(this.#clock.now(), limit)
        .map((row) => turnOf(row, this.#fences)),
    );
  }

  running(owner: string, createdBeforeMs: number): Promise<string[]> {
    return this.#connection.read((db) =>
      prepared(db, selectRunning)
        .all(owner, createdBeforeMs)
        .map((row) => textOf(row, 'id')),
    );
  }
}
