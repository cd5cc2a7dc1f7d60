import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { integerOf, optionalIntegerOf, prepared, textOf } from '@parley/sqlite';
import type { Row } from '@parley/sqlite';
import type { Fence, LoggedEntry, StoredTurn } from '../ports.ts';
import type { Fences } from './fences.ts';

/** The columns `turnOf` needs. */
export const turnColumns = 'id, tenant, stored, owner, fence, created_at_ms, ended_at_ms, document';

/** A row of `turns` as the port gives it. */
export function turnOf(row: Row, fences: Fences): StoredTurn {
  const endedAtMs = optionalIntegerOf(row, 'ended_at_ms');
  return {
    id: textOf(row, 'id'),
    tenant: textOf(row, 'tenant'),
    stored: integerOf(row, 'stored') === 1,
    ended: endedAtMs !== undefined,
    owner: textOf(row, 'owner'),
    fence: fences.at(integerOf(row, 'fence')),
    document: textOf(row, 'document'),
    createdAtMs: integerOf(row, 'created_at_ms'),
    endedAtMs,
  };
}

/** Whether the turn is there, has not ended, and `fence` is its fence. */
export function ownsRunningTurn(db: DatabaseSync, fences: Fences, id: string, fence: Fence): boolean {
  const row = prepared(db, 'SELECT fence FROM turns WHERE id = ? AND ended_at_ms IS NULL').get(id);
  return row !== undefined && fences.matches(fence, integerOf(row, 'fence'));
}

/** @throws ParleyError `stale_fence` unless `ownsRunningTurn`. */
export function requireOwnership(db: DatabaseSync, fences: Fences, id: string, fence: Fence): void {
  if (ownsRunningTurn(db, fences, id, fence)) return;
  throw new ParleyError('stale_fence', `Turn ${id} has ended or belongs to another owner.`);
}

/**
 * Writes entries of a turn's log and notes that there is one. Those that are there already stay.
 * @throws ParleyError `conflict` when another entry has the number of one.
 */
export function writeEntries(db: DatabaseSync, turnId: string, entries: readonly LoggedEntry[]): void {
  if (entries.length === 0) return;
  const insert = prepared(
    db,
    'INSERT INTO turn_log (turn_id, sequence, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const kept = prepared(db, 'SELECT 1 FROM turn_log WHERE turn_id = ? AND sequence = ? AND body = ?');
  for (const { sequence, body } of entries) {
    if (insert.run(turnId, sequence, body).changes === 1) continue;
    if (kept.get(turnId, sequence, body) !== undefined) continue;
    throw new ParleyError('conflict', `The log of turn ${turnId} has an entry ${sequence} already.`);
  }
  prepared(db, 'UPDATE turns SET has_log = 1 WHERE id = ? AND has_log = 0').run(turnId);
}
