import type { InsertObject, SelectQueryBuilder, Transaction } from 'kysely';
import type { IncomingEvent } from '../../../domain/recorded-event.ts';
import type {
  ErasureMemory,
  EventKey,
  LetterWrites,
  RecordTransaction,
} from '../../../ports/record-store.ts';
import { eventRow } from './event-rows.ts';
import type { RecordBackend } from './record-backend.ts';
import type { RecordTables } from './record-tables.ts';
import { SqlErasureMemory } from './sql-erasure-memory.ts';
import { SqlLetterWrites } from './sql-letter-writes.ts';

/** The writes of the record, in SQL that SQLite and PostgreSQL both understand. */
export class SqlRecordTransaction implements RecordTransaction {
  readonly letters: LetterWrites;
  readonly erasures: ErasureMemory;
  readonly #sql: Transaction<RecordTables>;
  readonly #backend: RecordBackend;

  constructor(sql: Transaction<RecordTables>, backend: RecordBackend) {
    this.#sql = sql;
    this.#backend = backend;
    this.letters = new SqlLetterWrites(sql);
    this.erasures = new SqlErasureMemory(sql);
  }

  async knownEvents(events: readonly EventKey[]): Promise<Map<string, string>> {
    if (events.length === 0) return new Map();
    const ids = events.map(({ id }) => id);
    const known = this.#sql.selectFrom('events').select(['id', 'type']).where('id', 'in', ids);
    const rows = await this.#around(known, events).execute();
    return new Map(rows.map(({ id, type }) => [id, type]));
  }

  async endedTurns(turnIds: readonly string[]): Promise<Set<string>> {
    if (turnIds.length === 0) return new Set();
    const rows = await this.#sql
      .selectFrom('terminal_turns')
      .select('turn_id')
      .where('turn_id', 'in', turnIds)
      .execute();
    return new Set(rows.map((row) => row.turn_id));
  }

  async insertEvents(events: readonly IncomingEvent[], recordedAtMs: number): Promise<void> {
    if (events.length === 0) return;
    await this.#backend.makeRoom(
      this.#sql,
      events.map((event) => event.occurredAtMs),
    );
    await this.#insert(
      'events',
      events.map((event) => eventRow(event, recordedAtMs)),
    );
    const ends = events.filter((event) => event.endsTurn);
    if (ends.length === 0) return;
    const rows = ends.map(({ turnId, id, occurredAtMs, tenant }) => ({
      turn_id: turnId,
      event_id: id,
      occurred_at: occurredAtMs,
      tenant,
    }));
    await this.#insert('terminal_turns', rows);
  }

  async #insert<T extends keyof RecordTables>(
    table: T,
    rows: readonly InsertObject<RecordTables, T>[],
  ): Promise<void> {
    await this.#backend.withRows(this.#sql.insertInto(table), table, rows).execute();
  }

  /** The times lead PostgreSQL to the months that may hold the events. */
  #around<O>(
    query: SelectQueryBuilder<RecordTables, 'events', O>,
    events: readonly EventKey[],
  ): SelectQueryBuilder<RecordTables, 'events', O> {
    const { sameIdWithinMs } = this.#backend;
    if (sameIdWithinMs === undefined) return query;
    const times = events.map(({ occurredAtMs }) => occurredAtMs);
    return query
      .where('occurred_at', '>=', Math.min(...times) - sameIdWithinMs)
      .where('occurred_at', '<=', Math.max(...times) + sameIdWithinMs);
  }
}
