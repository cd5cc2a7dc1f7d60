import type {
  EventPage,
  LetterShelf,
  PageQuery,
  RecordStore,
  RecordTransaction,
  RecordUpkeep,
  UserTexts,
} from '../../../ports/record-store.ts';
import { storedEvent } from './event-rows.ts';
import { searchEnd, searchEvents } from './event-search.ts';
import type { FoundEvent } from './event-search.ts';
import type { RecordBackend } from './record-backend.ts';
import { SqlDatabase } from './sql-database.ts';
import { SqlLetterShelf } from './sql-letter-shelf.ts';
import { SqlRecordTransaction } from './sql-record-transaction.ts';
import { SqlUpkeep } from './sql-upkeep.ts';
import { SqlUserTexts } from './sql-user-texts.ts';
import { takeWithin } from './take-within.ts';

/** The record in a SQL database, which one is the backend's matter. */
export class SqlRecordStore implements RecordStore {
  readonly letters: LetterShelf;
  readonly texts: UserTexts;
  readonly upkeep: RecordUpkeep;
  readonly #database: SqlDatabase;

  constructor(backend: RecordBackend) {
    this.#database = new SqlDatabase(backend);
    this.letters = new SqlLetterShelf(this.#database);
    this.texts = new SqlUserTexts(this.#database);
    this.upkeep = new SqlUpkeep(this.#database);
  }

  write<T>(work: (transaction: RecordTransaction) => Promise<T>): Promise<T> {
    const { backend } = this.#database;
    return this.#database.write((sql) => work(new SqlRecordTransaction(sql, backend)));
  }

  async page(query: PageQuery): Promise<EventPage> {
    const upTo = searchEnd(query);
    const found = await this.#database.read((sql) => searchEvents(sql, query, upTo));
    const taken = takeWithin(found, query.maxDataLength);
    const complete = taken.length === found.length && found.length < query.limit;
    const reached = complete ? upTo : (taken.at(-1)?.position ?? upTo);
    return { events: taken.length === 0 ? [] : await this.#load(taken), reached };
  }

  head(): Promise<number> {
    return this.#database.read(async (sql) => {
      const newest = sql.selectFrom('events').select('position').orderBy('position', 'desc').limit(1);
      return (await newest.executeTakeFirst())?.position ?? 0;
    });
  }

  async probe(): Promise<void> {
    const row = { id: 1, at: Date.now() };
    // In a transaction because only its start waits for another writer of SQLite.
    await this.#database.transaction((sql) =>
      sql
        .insertInto('write_probe')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute(),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#database[Symbol.asyncDispose]();
  }

  /** The times lead PostgreSQL to the months that hold the events. */
  #load(found: readonly FoundEvent[]) {
    const times = found.map((event) => event.occurred_at);
    return this.#database.read(async (sql) => {
      const events = sql
        .selectFrom('events')
        .selectAll()
        .where(
          'position',
          'in',
          found.map((event) => event.position),
        )
        .where('occurred_at', '>=', Math.min(...times))
        .where('occurred_at', '<=', Math.max(...times))
        .orderBy('position');
      return (await events.execute()).map(storedEvent);
    });
  }
}
