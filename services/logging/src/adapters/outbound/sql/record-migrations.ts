import {
  olderLettersInOrder,
  postgresEvents,
  postgresIdsFirst,
  postgresLettersInOrder,
  sqliteEvents,
} from './event-layouts.ts';

/** The database a layout is made for. */
export type LayoutDialect = 'sqlite' | 'postgres';

/** One step of the layout; it must suit the program before it, which may still be at work. */
export interface RecordMigration {
  readonly version: number;
  /** What it brings, for logs. */
  readonly name: string;
  /** In SQLite's words, which `migrationSql` turns into PostgreSQL's; apart where the two differ in more than words. */
  readonly sql: readonly (string | Readonly<Record<LayoutDialect, string>>)[];
}

/** The layout of the record, the same steps for every database. */
export const recordMigrations: readonly RecordMigration[] = [
  {
    version: 1,
    name: 'events, ended turns, dead letters',
    sql: [
      { sqlite: sqliteEvents, postgres: postgresEvents },
      `CREATE TABLE terminal_turns (
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

      CREATE TABLE write_probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;`,
    ],
  },
  {
    version: 2,
    name: 'users and their erasure, dead letters in order and whole',
    sql: [
      `ALTER TABLE events ADD COLUMN user_key TEXT NOT NULL DEFAULT '';
      CREATE INDEX events_user_key ON events (user_key, position) WHERE user_key <> '';
      ALTER TABLE terminal_turns ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
      CREATE TABLE erasures (
        user_key TEXT PRIMARY KEY,
        erased_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;`,
      { sqlite: olderLettersInOrder, postgres: postgresLettersInOrder },
      `CREATE INDEX dead_letters_user_key ON dead_letters (user_key) WHERE user_key <> '';
      CREATE INDEX dead_letters_unpublished ON dead_letters (position) WHERE published_at IS NULL;`,
    ],
  },
  {
    version: 3,
    name: 'events by their id first',
    // SQLite finds them by their id alone.
    sql: [{ sqlite: '', postgres: postgresIdsFirst }],
  },
];

/** A migration as one text of statements. */
export function migrationSql({ sql }: RecordMigration, dialect: LayoutDialect): string {
  return sql
    .map((part) => {
      if (typeof part !== 'string') return part[dialect];
      return dialect === 'sqlite' ? part : inPostgres(part);
    })
    .join('\n');
}

function inPostgres(sql: string): string {
  return sql.replaceAll(/\bINTEGER\b/g, 'BIGINT').replaceAll(/\) STRICT(, WITHOUT ROWID)?;/g, ');');
}
