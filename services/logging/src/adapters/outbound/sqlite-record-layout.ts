import type { Migration } from '@parley/sqlite';

/**
 * The layout of record.db. `data` is the last column: SQLite reads a row from its start, so filters and pages do not
 * touch the payload's pages. Every index ends in the position by nature, which is what queries are ordered by.
 */
export const sqliteRecordLayout: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE events (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        source TEXT NOT NULL,
        subject TEXT NOT NULL,
        tenant TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        turn_id TEXT NOT NULL,
        occurred_at INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        traceparent TEXT,
        data_length INTEGER NOT NULL,
        data TEXT NOT NULL
      ) STRICT;
      CREATE INDEX events_type ON events (type);
      CREATE INDEX events_subject ON events (subject);
      CREATE INDEX events_key ON events (key);
      CREATE INDEX events_turn_id ON events (turn_id);
      CREATE INDEX events_tenant ON events (tenant);
      CREATE INDEX events_occurred_at ON events (occurred_at);

      CREATE TABLE terminal_turns (
        turn_id TEXT PRIMARY KEY,
        event_id TEXT NOT NULL,
        occurred_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX terminal_turns_occurred_at ON terminal_turns (occurred_at);

      CREATE TABLE dead_letters (
        id TEXT PRIMARY KEY,
        received_at INTEGER NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        topic TEXT NOT NULL,
        record_offset INTEGER NOT NULL,
        key TEXT NOT NULL,
        event_id TEXT NOT NULL,
        type TEXT NOT NULL,
        tenant TEXT NOT NULL,
        data TEXT NOT NULL
      ) STRICT;
      CREATE INDEX dead_letters_received_at ON dead_letters (received_at);

      CREATE TABLE write_probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
    `,
  },
];
