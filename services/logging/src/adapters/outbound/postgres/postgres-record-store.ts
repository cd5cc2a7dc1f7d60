import { PostgresDialect, sql } from 'kysely';
import type { PostgresTarget } from '@parley/config';
import { ParleyError, sleep, systemClock } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { RecordStore } from '../../../ports/record-store.ts';
import type { RecordBackend } from '../sql/record-backend.ts';
import { SqlRecordStore } from '../sql/sql-record-store.ts';
import { writeLock } from './advisory-locks.ts';
import { migratePostgres } from './migrate-postgres.ts';
import type { ServerFacts } from './migrate-postgres.ts';
import { MonthPartitions } from './month-partitions.ts';
import { lastingFault, postgresError } from './postgres-fault.ts';
import { connectPostgres } from './postgres-pool.ts';
import type { PostgresLimits } from './postgres-pool.ts';
import { rowsAsJson } from './rows-as-json.ts';

const retryMs = 250;
/** Asking every month for an id would cost more with every month that is kept. */
const sameIdWithinMs = 31 * 24 * 3_600_000;

/** A write finds all it looks for by an index, also while the server has no statistics and takes tables for small. */
const withoutScans = sql`set_config('enable_seqscan', 'off', true)`;

/** Limits and time source of a record on PostgreSQL. */
export interface PostgresRecordOptions extends PostgresLimits {
  /** How long a server that does not answer yet is waited for; default 15 s. */
  readonly openMs?: number;
  /** Decides which months are prepared; default the machine's clock. */
  readonly clock?: Clock;
}

/** A record on PostgreSQL, and what its server is. */
export interface PostgresRecord extends ServerFacts {
  readonly store: RecordStore;
}

/**
 * Opens the record in a database of PostgreSQL 13 or later, making its tables when missing. Several instances can use
 * one database. The user needs the right to create tables in its schema.
 * @throws ParleyError `config_invalid` when the login, the database, the certificate or the server will not do;
 * `unavailable` when the server does not answer in time.
 */
export async function openPostgresRecordStore(
  target: PostgresTarget,
  options: PostgresRecordOptions = {},
): Promise<PostgresRecord> {
  const clock = options.clock ?? systemClock;
  const facts = await migratedWithin(target, options.openMs ?? 15_000);
  const store = new SqlRecordStore(postgresBackend(target, options, clock));
  try {
    await store.upkeep.prepare(clock.now());
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
  return { ...facts, store };
}

function postgresBackend(target: PostgresTarget, limits: PostgresLimits, clock: Clock): RecordBackend {
  const months = new MonthPartitions(clock);
  return {
    dialect: new PostgresDialect({ pool: connectPostgres(target, limits) }),
    sameIdWithinMs,
    beginWrite: async (transaction) => {
      await sql`select pg_advisory_xact_lock(${writeLock}), ${withoutScans}`.execute(transaction);
    },
    withRows: rowsAsJson,
    makeRoom: (transaction, timesMs) => months.makeFor(transaction, timesMs),
    prepare: (transaction, nowMs) => months.prepare(transaction, nowMs),
    dropMonth: (transaction, cutoffs) => months.dropOne(transaction, cutoffs),
    errorOf: postgresError,
    close: () => undefined,
  };
}

async function migratedWithin(target: PostgresTarget, limitMs: number): Promise<ServerFacts> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    try {
      return await migratePostgres(target);
    } catch (error) {
      const lasting = error instanceof ParleyError ? error : lastingFault(error);
      if (lasting !== undefined) throw lasting;
      if (performance.now() > giveUpAt) throw postgresError(error);
    }
    await sleep(retryMs);
  }
}
