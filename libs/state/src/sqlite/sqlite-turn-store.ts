import { ParleyError } from '@parley/kernel';
import { prepared } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { Fence, LoggedEntry, NewTurn, OutboxEvent, StoredTurn, TurnEnd, TurnStore } from '../ports.ts';
import type { Fences } from './fences.ts';
import type { OutboxWriter } from './outbox-writer.ts';
import { removeTurns } from './remove-turns.ts';
import { ownsRunningTurn, requireOwnership, turnColumns, turnOf, writeEntries } from './running-turn.ts';

const insertTurn = `
  INSERT INTO turns (id, tenant, stored, owner, fence, has_log, created_at_ms, ended_at_ms, document)
  VALUES (?, ?, ?, ?, ?, 0, ?, NULL, ?)`;

/** Turns in the `turns` table; each method that writes is one transaction. */
export class SqliteTurnStore implements TurnStore {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;
  readonly #outbox: OutboxWriter;

  constructor(connection: SqliteConnection, fences: Fences, outbox: OutboxWriter) {
    this.#connection = connection;
    this.#fences = fences;
    this.#outbox = outbox;
  }

  accept(turn: NewTurn, entries: readonly LoggedEntry[], events: readonly OutboxEvent[]): Promise<Fence> {
    return this.#connection.write((db) => {
      if (prepared(db, 'SELECT 1 FROM turns WHERE id = ?').get(turn.id) !== undefined) {
        throw new ParleyError('conflict', `Turn ${turn.id} exists already.`);
      }
      this.#outbox.requireRoom(db, events);
      const fence = this.#fences.next(db);
      const { id, tenant, owner, createdAtMs, document } = turn;
      prepared(db, insertTurn).run(
        id,
        tenant,
        turn.stored ? 1 : 0,
        owner,
        fence.counter,
        createdAtMs,
        document,
      );
      writeEntries(db, id, entries);
      this.#outbox.write(db, events);
      return fence;
    });
  }

  get(id: string): Promise<StoredTurn | undefined> {
    return this.#connection.read((db) => {
      const row = prepared(db, `SELECT ${turnColumns} FROM turns WHERE id = ?`).get(id);
      return row === undefined ? undefined : turnOf(row, this.#fences);
    });
  }

  commit(id: string, fence: Fence, end: TurnEnd): Promise<void> {
    return this.#connection.write((db) => {
      requireOwnership(db, this.#fences, id, fence);
      prepared(db, 'UPDATE turns SET document = ?, ended_at_ms = ? WHERE id = ?').run(
        end.document,
        end.endedAtMs,
        id,
      );
      writeEntries(db, id, end.entries);
      this.#outbox.write(db, end.events);
    });
  }

  takeOver(id: string, fence: Fence, owner: string): Promise<Fence | undefined> {
    return this.#connection.write((db) => {
      if (!ownsRunningTurn(db, this.#fences, id, fence)) return undefined;
      const next = this.#fences.next(db);
      prepared(db, 'UPDATE turns SET owner = ?, fence = ? WHERE id = ?').run(owner, next.counter, id);
      return next;
    });
  }

  delete(id: string, events: readonly OutboxEvent[]): Promise<boolean> {
    return this.#connection.write((db) => {
      const ended = prepared(
        db,
        'SELECT id FROM turns WHERE id = ? AND stored = 1 AND ended_at_ms IS NOT NULL',
      );
      const rows = ended.all(id);
      if (rows.length === 0) return false;
      this.#outbox.requireRoom(db, events);
      this.#outbox.write(db, events);
      return removeTurns(db, rows) === 1;
    });
  }
}
