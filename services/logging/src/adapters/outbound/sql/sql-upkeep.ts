import type { Transaction } from 'kysely';
import type { Cutoffs } from '../../../domain/retention-policy.ts';
import type { RecordUpkeep, Removed } from '../../../ports/record-store.ts';
import { isDue, latestCutoff } from './due-rows.ts';
import type { RecordTables } from './record-tables.ts';
import type { SqlDatabase } from './sql-database.ts';

/** Room for what comes, and the end of what is too old. */
export class SqlUpkeep implements RecordUpkeep {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  prepare(nowMs: number): Promise<void> {
    return this.#database.write((sql) => this.#database.backend.prepare(sql, nowMs));
  }

  async removeExpired(cutoffs: Cutoffs, limit: number): Promise<Removed> {
    const dropped = await this.#database.write((sql) => this.#database.backend.dropMonth(sql, cutoffs));
    if (dropped) return { rows: 0, months: 1 };
    return this.#database.write(async (sql) => ({ rows: await removeRows(sql, cutoffs, limit), months: 0 }));
  }
}

async function removeRows(sql: Transaction<RecordTables>, cutoffs: Cutoffs, limit: number): Promise<number> {
  const latest = latestCutoff(cutoffs);
  const events = sql
    .selectFrom('events')
    .select('position')
    .where('occurred_at', '<', latest)
    .where(isDue('occurred_at', cutoffs))
    .limit(limit);
  const turns = sql
    .selectFrom('terminal_turns')
    .select('turn_id')
    .where('occurred_at', '<', latest)
    .where(isDue('occurred_at', cutoffs))
    .limit(limit);
  const letters = sql
    .selectFrom('dead_letters')
    .select('id')
    .where('received_at', '<', latest)
    .where(isDue('received_at', cutoffs))
    .limit(limit);
  const removed = [
    await sql
      .deleteFrom('events')
      .where('position', 'in', events)
      .where('occurred_at', '<', latest)
      .executeTakeFirst(),
    await sql.deleteFrom('terminal_turns').where('turn_id', 'in', turns).executeTakeFirst(),
    await sql.deleteFrom('dead_letters').where('id', 'in', letters).executeTakeFirst(),
  ];
  return removed.reduce((sum, result) => sum + Number(result.numDeletedRows), 0);
}
