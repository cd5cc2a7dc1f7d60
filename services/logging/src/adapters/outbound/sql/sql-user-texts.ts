import type { DeadLetter, StoredLetter } from '../../../domain/dead-letter.ts';
import type { IncomingEvent, StoredEvent } from '../../../domain/recorded-event.ts';
import type { TextStep, UserTexts } from '../../../ports/record-store.ts';
import { storedEvent } from './event-rows.ts';
import { storedLetter } from './letter-rows.ts';
import type { SqlDatabase } from './sql-database.ts';

/** What users said and were told, to be taken out. */
export class SqlUserTexts implements UserTexts {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  events(
    { user, after, limit }: TextStep,
    change: (
      event: StoredEvent & { readonly user: string },
    ) => Pick<IncomingEvent, 'user' | 'data'> | undefined,
  ): Promise<number | undefined> {
    return this.#database.write(async (sql) => {
      const found = await sql
        .selectFrom('events')
        .selectAll()
        .where('user_key', '=', user)
        .where('position', '>', after)
        .orderBy('position')
        .limit(limit)
        .execute();
      for (const row of found) {
        const changed = change({ ...storedEvent(row), user });
        if (changed === undefined) continue;
        await sql
          .updateTable('events')
          .set({ data: changed.data, data_length: changed.data.length, user_key: changed.user })
          .where('position', '=', row.position)
          .where('occurred_at', '=', row.occurred_at)
          .execute();
      }
      return found.length < limit ? undefined : found.at(-1)?.position;
    });
  }

  letters(
    { user, after, limit }: TextStep,
    change: (letter: StoredLetter) => Pick<DeadLetter, 'user' | 'data'> | undefined,
  ): Promise<number | undefined> {
    return this.#database.write(async (sql) => {
      const found = await sql
        .selectFrom('dead_letters')
        .selectAll()
        .where('user_key', '=', user)
        .where('position', '>', after)
        .orderBy('position')
        .limit(limit)
        .execute();
      for (const row of found) {
        const changed = change(storedLetter(row));
        if (changed === undefined) continue;
        await sql
          .updateTable('dead_letters')
          .set({ data: changed.data, user_key: changed.user })
          .where('id', '=', row.id)
          .execute();
      }
      return found.length < limit ? undefined : found.at(-1)?.position;
    });
  }
}
