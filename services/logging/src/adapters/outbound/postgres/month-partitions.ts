import { sql } from 'kysely';
import type { Transaction } from 'kysely';
import type { Clock } from '@parley/kernel';
import type { Cutoffs } from '../../../domain/retention-policy.ts';
import { isDue, latestCutoff } from '../sql/due-rows.ts';
import type { RecordTables } from '../sql/record-tables.ts';
import { isLockTimeout } from './postgres-fault.ts';
import { monthName, monthOf, monthOfName, monthStartMs } from './month.ts';

type Sql = Transaction<RecordTables>;

/** Months that have a partition of their own, counted from now; all others share one, so that their number is bounded. */
const monthsBack = 120;
const monthsAhead = 12;
/** Made before they are needed, this month included: making one waits for some readers. */
const preparedMonths = 3;
/** How long readers are waited for, and later ones wait behind; a backup can hold its locks for hours. */
const lockLimit = sql`set local lock_timeout = '500ms'`;

/** The monthly partitions of the events. All of it happens within writes, so one after another. */
export class MonthPartitions {
  readonly #clock: Clock;
  /** Those that were there before a write began: what a write makes is gone if it fails. */
  readonly #known = new Set<number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Makes the partitions that events of these times belong to, as far as they get one of their own. Where a reader is in
   * the way for long, the events go to the shared one, and move when their month is made later.
   */
  async makeFor(transaction: Sql, timesMs: readonly number[]): Promise<void> {
    const now = monthOf(this.#clock.now());
    for (const month of new Set(timesMs.map(monthOf))) {
      if (this.#known.has(month) || month < now - monthsBack || month > now + monthsAhead) continue;
      await sql`savepoint month`.execute(transaction);
      try {
        await this.#make(transaction, month);
        await sql`release savepoint month`.execute(transaction);
      } catch (error) {
        if (!isLockTimeout(error)) throw error;
        await sql`rollback to savepoint month`.execute(transaction);
      }
    }
  }

  /** Makes those of this month and the next two. */
  async prepare(transaction: Sql, nowMs: number): Promise<void> {
    for (let month = 0; month < preparedMonths; month++)
      await this.#make(transaction, monthOf(nowMs) + month);
  }

  /** Drops the oldest partition in which everything is due; answers whether there was one. */
  async dropOne(transaction: Sql, cutoffs: Cutoffs): Promise<boolean> {
    const latest = latestCutoff(cutoffs);
    for (const month of await existing(transaction)) {
      if (monthStartMs(month + 1) > latest) return false;
      if (await holdsMore(transaction, month, cutoffs)) continue;
      await lockLimit.execute(transaction);
      await sql`drop table ${sql.table(monthName(month))}`.execute(transaction);
      this.#known.delete(month);
      return true;
    }
    return false;
  }

  /** Attaching, unlike creating in place, leaves readers alone; only those of the shared partition wait a moment. */
  async #make(transaction: Sql, month: number): Promise<void> {
    if (this.#known.has(month)) return;
    const name = monthName(month);
    const { rows } = await sql<{ found: string | null }>`select to_regclass(${name})::text as found`.execute(
      transaction,
    );
    if (rows[0]?.found !== null) {
      this.#known.add(month);
      return;
    }
    const table = sql.table(name);
    const [from, to] = [sql.lit(monthStartMs(month)), sql.lit(monthStartMs(month + 1))];
    await lockLimit.execute(transaction);
    await sql`create table ${table} (like events including defaults including storage)`.execute(transaction);
    await this.#moveIn(transaction, month);
    await sql`alter table events attach partition ${table} for values from (${from}) to (${to})`.execute(
      transaction,
    );
  }

  /** Events can have come before their month had its partition: it was too far ahead, or it had been dropped. */
  async #moveIn(transaction: Sql, month: number): Promise<void> {
    const range = sql`occurred_at >= ${monthStartMs(month)} and occurred_at < ${monthStartMs(month + 1)}`;
    const { rows } = await sql`select 1 from events_other where ${range} limit 1`.execute(transaction);
    if (rows.length === 0) return;
    // A reader that knows the partitions of before would miss what has left for a new one.
    await sql`lock table events in access exclusive mode`.execute(transaction);
    await sql`with moved as (delete from events_other where ${range} returning *)
      insert into ${sql.table(monthName(month))} select * from moved`.execute(transaction);
  }
}

/** The months that have a partition, the oldest first. */
async function existing(transaction: Sql): Promise<number[]> {
  const { rows } = await sql<{ name: string }>`
    select relname::text as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'events'::regclass`.execute(transaction);
  return rows.flatMap(({ name }) => monthOfName(name) ?? []).toSorted((one, other) => one - other);
}

async function holdsMore(transaction: Sql, month: number, cutoffs: Cutoffs): Promise<boolean> {
  const end = monthStartMs(month + 1);
  if (cutoffs.others >= end && [...cutoffs.tenants.values()].every((cutoff) => cutoff >= end)) return false;
  const due = isDue('occurred_at', cutoffs);
  const { rows } = await sql`select 1 from ${sql.table(monthName(month))} where not ${due} limit 1`.execute(
    transaction,
  );
  return rows.length > 0;
}
