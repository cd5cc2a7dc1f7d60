import type { Transaction } from 'kysely';
import type { DeadLetter } from '../../../domain/dead-letter.ts';
import type { LetterWrites } from '../../../ports/record-store.ts';
import { letterRow } from './letter-rows.ts';
import type { RecordTables } from './record-tables.ts';

/** Changes to the dead letters within a transaction. */
export class SqlLetterWrites implements LetterWrites {
  readonly #sql: Transaction<RecordTables>;

  constructor(sql: Transaction<RecordTables>) {
    this.#sql = sql;
  }

  async insert(letters: readonly DeadLetter[], receivedAtMs: number): Promise<DeadLetter[]> {
    if (letters.length === 0) return [];
    const added = await this.#sql
      .insertInto('dead_letters')
      .values(letters.map((letter) => letterRow(letter, receivedAtMs)))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute();
    const ids = new Set(added.map((row) => row.id));
    return letters.filter((letter) => ids.delete(letter.id));
  }

  async remove(id: string): Promise<void> {
    await this.#sql.deleteFrom('dead_letters').where('id', '=', id).execute();
  }

  async refuse({ id, reason, detail }: DeadLetter): Promise<void> {
    await this.#sql.updateTable('dead_letters').set({ reason, detail }).where('id', '=', id).execute();
  }
}
