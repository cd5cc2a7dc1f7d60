import { setImmediate } from 'node:timers/promises';
import { Kysely } from 'kysely';
import type { Dialect } from 'kysely';
import { ParleyError } from '@parley/kernel';
import type { EventPage, PageQuery, RecordStore, RecordTransaction } from '../../ports/record-store.ts';
import { storedEvent } from './event-rows.ts';
import { searchEnd, searchEvents } from './event-search.ts';
import type { FoundEvent } from './event-search.ts';
import type { RecordTables } from './record-tables.ts';
import { SqlRecordTransaction } from './sql-record-transaction.ts';

/** The record in a SQL database, which one is the dialect's matter. */
export class SqlRecordStore implements RecordStore {
  readonly #sql: Kysely<RecordTables>;
  readonly #close: () => void;

  /** @param close frees what the dialect uses; called once, after the last query. */
  constructor(dialect: Dialect, close: () => void) {
    this.#sql = new Kysely({ dialect });
    this.#close = close;
  }

  write<T>(work: (transaction: RecordTransaction) => Promise<T>): Promise<T> {
    return this.#guarded(() => this.#sql.transaction().execute((sql) => work(new SqlRecordTransaction(sql))));
  }

  page(query: PageQuery): Promise<EventPage> {
    return this.#guarded(async () => {
      // An embedded database works on this thread: whatever else waits for the event loop goes first.
      await setImmediate();
      const upTo = searchEnd(query);
      const found = await searchEvents(this.#sql, query, upTo);
      const taken = takeWithin(found, query.maxDataLength);
      const complete = taken.length === found.length && found.length < query.limit;
      const reached = complete ? upTo : (taken.at(-1) ?? upTo);
      return { events: taken.length === 0 ? [] : await this.#load(taken), reached };
    });
  }

  head(): Promise<number> {
    return this.#guarded(async () => {
      const newest = this.#sql.selectFrom('events').select('position').orderBy('position', 'desc').limit(1);
      return (await newest.executeTakeFirst())?.position ?? 0;
    });
  }

  async probe(): Promise<void> {
    const row = { id: 1, at: Date.now() };
    await this.#guarded(() =>
      // In a transaction because only its start waits for another writer.
      this.#sql.transaction().execute((sql) =>
        sql
          .insertInto('write_probe')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute(),
      ),
    );
  }

  removeBefore(timeMs: number, limit: number): Promise<number> {
    return this.#guarded(async () => {
      await setImmediate();
      return this.#sql.transaction().execute(async (sql) => {
        const events = sql
          .selectFrom('events')
          .select('position')
          .where('occurred_at', '<', timeMs)
          .limit(limit);
        const turns = sql
          .selectFrom('terminal_turns')
          .select('turn_id')
          .where('occurred_at', '<', timeMs)
          .limit(limit);
        const letters = sql
          .selectFrom('dead_letters')
          .select('id')
          .where('received_at', '<', timeMs)
          .limit(limit);
        const removed = [
          await sql.deleteFrom('events').where('position', 'in', events).executeTakeFirst(),
          await sql.deleteFrom('terminal_turns').where('turn_id', 'in', turns).executeTakeFirst(),
          await sql.deleteFrom('dead_letters').where('id', 'in', letters).executeTakeFirst(),
        ];
        return removed.reduce((sum, result) => sum + Number(result.numDeletedRows), 0);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.destroy();
    this.#close();
  }

  async #load(positions: readonly number[]) {
    const events = this.#sql
      .selectFrom('events')
      .selectAll()
      .where('position', 'in', positions)
      .orderBy('position');
    return (await events.execute()).map(storedEvent);
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      throw new ParleyError(
        'unavailable',
        'The record store cannot serve now: it is busy, full, read-only or closed.',
        {
          cause: error,
        },
      );
    }
  }
}

/** The first positions whose payloads fit together, at least one. */
function takeWithin(found: readonly FoundEvent[], maxDataLength: number): number[] {
  let left = maxDataLength;
  const taken: number[] = [];
  for (const { position, data_length } of found) {
    left -= data_length;
    if (left < 0 && taken.length > 0) break;
    taken.push(position);
  }
  return taken;
}
