import { systemClock } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { connectSqlite, migrate } from '@parley/sqlite';
import type { StateStore } from './ports.ts';
import { Fences } from './sqlite/fences.ts';
import { OutboxWriter } from './sqlite/outbox-writer.ts';
import { stateComponent, stateMigrations } from './sqlite/schema.ts';
import { SqliteControlStore } from './sqlite/sqlite-control-store.ts';
import { SqliteIdempotencyStore } from './sqlite/sqlite-idempotency-store.ts';
import { SqliteJobRunStore } from './sqlite/sqlite-job-run-store.ts';
import { SqliteJobStore } from './sqlite/sqlite-job-store.ts';
import { SqliteLeaseStore } from './sqlite/sqlite-lease-store.ts';
import { SqliteMemberStore } from './sqlite/sqlite-member-store.ts';
import { SqliteOutbox } from './sqlite/sqlite-outbox.ts';
import { SqliteOwnerStore } from './sqlite/sqlite-owner-store.ts';
import { SqliteRebuildStore } from './sqlite/sqlite-rebuild-store.ts';
import { SqliteSequenceStore } from './sqlite/sqlite-sequence-store.ts';
import { SqliteTurnLogStore } from './sqlite/sqlite-turn-log-store.ts';
import { SqliteTurnStore } from './sqlite/sqlite-turn-store.ts';

/** Limits and time source of a SQLite state store. */
export interface SqliteStateOptions {
  /** Events the outbox holds before `accept` refuses turns; default 100000. */
  readonly maxOutboxEvents?: number;
  /** The same by size; default 256 MiB. */
  readonly maxOutboxBytes?: number;
  /** Decides expiry; default the machine's clock, which the processes of one machine share. */
  readonly clock?: Clock;
}

/**
 * Opens the state store of one machine, making its tables when missing. Several processes may open the same file;
 * all users of one process share a connection. Disposing finishes what was asked of it.
 * @param path a file (its folder is made), or `:memory:` for a store that nobody else sees.
 * @throws ParleyError `config_invalid` when the file's layout is too new, `unavailable` when it stays locked.
 */
export function openSqliteState(path: string, options: SqliteStateOptions = {}): StateStore {
  const connection = connectSqlite(path);
  try {
    migrate(connection.db, stateMigrations, stateComponent);
    const clock = options.clock ?? systemClock;
    const fences = Fences.of(connection.db);
    const outbox = new OutboxWriter(clock, {
      maxEvents: options.maxOutboxEvents ?? 100_000,
      maxBytes: options.maxOutboxBytes ?? 256 * 1024 * 1024,
    });
    return {
      turns: new SqliteTurnStore(connection, fences, outbox),
      turnLogs: new SqliteTurnLogStore(connection, fences),
      owners: new SqliteOwnerStore(connection, fences, clock),
      leases: new SqliteLeaseStore(connection, fences, clock),
      members: new SqliteMemberStore(connection, clock),
      outbox: new SqliteOutbox(connection, fences, clock),
      sequences: new SqliteSequenceStore(connection),
      control: new SqliteControlStore(connection),
      rebuild: new SqliteRebuildStore(connection, fences),
      jobs: new SqliteJobStore(connection, fences),
      jobRuns: new SqliteJobRunStore(connection, fences, clock),
      idempotency: new SqliteIdempotencyStore(connection, fences, clock),
      [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
    };
  } catch (error) {
    void connection[Symbol.asyncDispose]();
    throw error;
  }
}
