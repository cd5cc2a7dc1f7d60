import type { DatabaseSync } from 'node:sqlite';
import { integerOf, prepared, textOf } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { Fence, LoggedEntry, TurnLogStore } from '../ports.ts';
import type { Fences } from './fences.ts';
import { removeTurns } from './remove-turns.ts';
import { requireOwnership, writeEntries } from './running-turn.ts';

/** Turns one transaction cleans at most, so that a large clean-up never holds up the writers. */
const turnsPerStep = 50;

const selectEntries =
  'SELECT sequence, body FROM turn_log WHERE turn_id = ? AND sequence > ? ORDER BY sequence LIMIT ?';
const selectWithLog = `
  SELECT id FROM turns WHERE has_log = 1 AND ended_at_ms IS NOT NULL AND ended_at_ms < ?
  ORDER BY ended_at_ms LIMIT ?`;
const selectEnded = `
  SELECT id FROM turns WHERE stored = ? AND ended_at_ms IS NOT NULL AND ended_at_ms < ?
  ORDER BY ended_at_ms LIMIT ?`;

/** Turn logs in the `turn_log` table. */
export class SqliteTurnLogStore implements TurnLogStore {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;

  constructor(connection: SqliteConnection, fences: Fences) {
    this.#connection = connection;
    this.#fences = fences;
  }

  append(turnId: string, fence: Fence, entries: readonly LoggedEntry[]): Promise<void> {
    return this.#connection.write((db) => {
      requireOwnership(db, this.#fences, turnId, fence);
      writeEntries(db, turnId, entries);
    });
  }

  /** A turn that is not there counts as ended: nothing will ever follow. */
  read(turnId: string, after: number, limit: number): Promise<{ entries: LoggedEntry[]; ended: boolean }> {
    return this.#connection.read((db) => {
      // Whether the turn runs is asked before its entries are: an end between the two is then seen next time.
      const running = isRunning(db, turnId);
      const rows = prepared(db, selectEntries).all(turnId, after, limit + 1);
      const entries = rows
        .slice(0, limit)
        .map((row) => ({ sequence: integerOf(row, 'sequence'), body: textOf(row, 'body') }));
      return { entries, ended: !running && rows.length <= limit };
    });
  }

  expireLogs(endedBeforeMs: number, limit: number): Promise<number> {
    return this.#inSteps(limit, (db, most) => {
      const rows = prepared(db, selectWithLog).all(endedBeforeMs, most);
      for (const row of rows) {
        const id = textOf(row, 'id');
        prepared(db, 'DELETE FROM turn_log WHERE turn_id = ?').run(id);
        prepared(db, 'UPDATE turns SET has_log = 0 WHERE id = ?').run(id);
      }
      return rows.length;
    });
  }

  expireTurns(which: 'stored' | 'unstored', endedBeforeMs: number, limit: number): Promise<number> {
    const stored = which === 'stored' ? 1 : 0;
    return this.#inSteps(limit, (db, most) =>
      removeTurns(db, prepared(db, selectEnded).all(stored, endedBeforeMs, most)),
    );
  }

  async #inSteps(limit: number, step: (db: DatabaseSync, most: number) => number): Promise<number> {
    let total = 0;
    while (total < limit) {
      const most = Math.min(turnsPerStep, limit - total);
      const done = await this.#connection.write((db) => step(db, most));
      total += done;
      if (done < most) break;
    }
    return total;
  }
}

function isRunning(db: DatabaseSync, turnId: string): boolean {
  return prepared(db, 'SELECT 1 FROM turns WHERE id = ? AND ended_at_ms IS NULL').get(turnId) !== undefined;
}
