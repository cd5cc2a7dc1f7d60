import { systemClock } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { connectSqlite, migrate } from '@parley/sqlite';
import type { EventLog } from './ports.ts';
import { LogRetention } from './sqlite/log-retention.ts';
import { eventsComponent, eventsMigrations } from './sqlite/schema.ts';
import { SqliteEventLog } from './sqlite/sqlite-event-log.ts';

/** Bounds, times and time source of a SQLite event log. */
export interface SqliteEventLogOptions {
  /** Age above which records that every group has handled are removed; default 7 days. */
  readonly maxAgeMs?: number;
  /** Size of all payloads above which the same happens; default 2 GiB. */
  readonly maxBytes?: number;
  /** How long a group waits for its consumer after that has died; default 10 s, as for turns. */
  readonly leaseMs?: number;
  /** Decides ages and leases; default the machine's clock, which the processes of one machine share. */
  readonly clock?: Clock;
}

/** How often a process looks whether the log can be cut. */
const retentionEveryMs = 60_000;

/**
 * Opens the event log of one machine, making its tables when missing. A new group starts at the oldest record kept.
 * Several processes may open the same file; all users of one process share a connection. Disposing ends the
 * subscriptions and finishes what was appended.
 * @param path a file (its folder is made), or `:memory:` for a log that nobody else sees.
 * @throws ParleyError `config_invalid` when the file's layout is too new, `unavailable` when it stays locked.
 */
export function openSqliteEventLog(path: string, options: SqliteEventLogOptions = {}): EventLog {
  const connection = connectSqlite(path);
  try {
    migrate(connection.db, eventsMigrations, eventsComponent);
    const clock = options.clock ?? systemClock;
    const retention = new LogRetention(connection, clock, {
      maxAgeMs: options.maxAgeMs ?? 7 * 24 * 3_600_000,
      maxBytes: options.maxBytes ?? 2 * 1024 ** 3,
    });
    retention.start(retentionEveryMs);
    return new SqliteEventLog(connection, retention, clock, options.leaseMs ?? 10_000);
  } catch (error) {
    void connection[Symbol.asyncDispose]();
    throw error;
  }
}
