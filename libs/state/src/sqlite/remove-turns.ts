import type { DatabaseSync } from 'node:sqlite';
import { prepared, textOf } from '@parley/sqlite';
import type { Row } from '@parley/sqlite';

/**
 * Removes turns with their logs, and the numbering of events keyed by the turn itself: no event of it can follow.
 * Events that wait in the outbox stay. Only inside a transaction.
 * @param rows with the column `id`.
 */
export function removeTurns(db: DatabaseSync, rows: readonly Row[]): number {
  for (const row of rows) {
    const id = textOf(row, 'id');
    prepared(db, 'DELETE FROM turn_log WHERE turn_id = ?').run(id);
    prepared(db, 'DELETE FROM sequences WHERE key = ?').run(id);
    prepared(db, 'DELETE FROM turns WHERE id = ?').run(id);
  }
  return rows.length;
}
