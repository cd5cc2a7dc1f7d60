import type { Transaction } from 'kysely';
import type { DeadLetter } from '../../domain/dead-letter.ts';
import type { IncomingEvent } from '../../domain/recorded-event.ts';
import type { RecordTransaction } from '../../ports/record-store.ts';
import { deadLetterRow, eventRow } from './event-rows.ts';
import type { RecordTables } from './record-tables.ts';

/** The writes of the record, in SQL that SQLite and PostgreSQL both understand. */
export class SqlRecordTransaction implements RecordTransaction {
  readonly #sql: Transaction<RecordTables>;

  constructor(sql: Transaction<RecordTables>) {
    this.#sql = sql;
  }

  async knownEvents(ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#sql.selectFrom('events').select(['id', 'type']).where('id', 'in', ids).execute();
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
    await this.#sql
      .insertInto('events')
      .values(events.map((event) => eventRow(event, recordedAtMs)))
      .execute();
    const ends = events.filter((event) => event.endsTurn);
    if (ends.length === 0) return;
    const rows = ends.map(({ turnId, id, occurredAtMs }) => ({
      turn_id: turnId,
      event_id: id,
      occurred_at: occurredAtMs,
    }));
    await this.#sql.insertInto('terminal_turns').values(rows).execute();
  }

  async insertDeadLetters(letters: readonly DeadLetter[], receivedAtMs: number): Promise<DeadLetter[]> {
    if (letters.length === 0) return [];
    const added = await this.#sql
      .insertInto('dead_letters')
      .values(letters.map((letter) => deadLetterRow(letter, receivedAtMs)))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute();
    const ids = new Set(added.map((row) => row.id));
    return letters.filter((letter) => ids.delete(letter.id));
  }
}
