import { sql as template } from 'kysely';
import type { StoredLetter } from '../../../domain/dead-letter.ts';
import type { LetterShelf, PageBounds } from '../../../ports/record-store.ts';
import { storedLetter } from './letter-rows.ts';
import type { SqlDatabase } from './sql-database.ts';
import { takeWithin } from './take-within.ts';

/** The dead letters, for those who look at them. */
export class SqlLetterShelf implements LetterShelf {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async page({ after, limit, maxDataLength }: PageBounds): Promise<StoredLetter[]> {
    const found = await this.#database.read((sql) =>
      sql
        .selectFrom('dead_letters')
        .select(['id', template<number>`length(data)`.as('data_length')])
        .where('position', '>', after)
        .orderBy('position')
        .limit(limit)
        .execute(),
    );
    return this.load(takeWithin(found, maxDataLength).map(({ id }) => id));
  }

  load(ids: readonly string[]): Promise<StoredLetter[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.#database.read(async (sql) => {
      const letters = sql.selectFrom('dead_letters').selectAll().where('id', 'in', ids).orderBy('position');
      return (await letters.execute()).map(storedLetter);
    });
  }

  unpublished(limit: number): Promise<StoredLetter[]> {
    return this.#database.read(async (sql) => {
      const letters = sql
        .selectFrom('dead_letters')
        .selectAll()
        .where('published_at', 'is', null)
        .orderBy('position')
        .limit(limit);
      return (await letters.execute()).map(storedLetter);
    });
  }

  async markPublished(ids: readonly string[], atMs: number): Promise<void> {
    if (ids.length === 0) return;
    await this.#database.transaction((sql) =>
      sql.updateTable('dead_letters').set({ published_at: atMs }).where('id', 'in', ids).execute(),
    );
  }
}
