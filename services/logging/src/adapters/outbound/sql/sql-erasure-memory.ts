import type { Transaction } from 'kysely';
import type { Erasure } from '../../../domain/recorded-event.ts';
import type { ErasureMemory } from '../../../ports/record-store.ts';
import type { RecordTables } from './record-tables.ts';

/** The erased users within a transaction. */
export class SqlErasureMemory implements ErasureMemory {
  readonly #sql: Transaction<RecordTables>;

  constructor(sql: Transaction<RecordTables>) {
    this.#sql = sql;
  }

  async until(users: readonly string[]): Promise<Map<string, number>> {
    if (users.length === 0) return new Map();
    const rows = await this.#sql.selectFrom('erasures').selectAll().where('user_key', 'in', users).execute();
    return new Map(rows.map((row) => [row.user_key, row.erased_at]));
  }

  async remember({ user, erasedAtMs }: Erasure): Promise<void> {
    await this.#sql
      .insertInto('erasures')
      .values({ user_key: user, erased_at: erasedAtMs })
      .onConflict((conflict) =>
        conflict
          .column('user_key')
          .doUpdateSet({ erased_at: erasedAtMs })
          .where('erasures.erased_at', '<', erasedAtMs),
      )
      .execute();
  }
}
