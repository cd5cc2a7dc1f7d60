import type { Migration } from '@parley/sqlite';

/** The name under which `fleet.db` keeps the version of these tables. */
export const stateComponent = 'state';

/**
 * The layout of the state tables. A step that has been released never changes; a change of layout is a new step that
 * the release before still works with.
 */
export const stateMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      -- One row: the store's random epoch and the counter that every change of owner takes its number from.
      CREATE TABLE state_fence (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        epoch TEXT NOT NULL,
        counter INTEGER NOT NULL
      ) STRICT;
      INSERT INTO state_fence VALUES (1, lower(hex(randomblob(16))), 0);

      CREATE TABLE turns (
        id TEXT PRIMARY KEY,
        tenant TEXT NOT NULL,
        stored INTEGER NOT NULL,
        owner TEXT NOT NULL,
        fence INTEGER NOT NULL,
        has_log INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL,
        ended_at_ms INTEGER,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX turns_running ON turns (created_at_ms, owner) WHERE ended_at_ms IS NULL;
      CREATE INDEX turns_ended ON turns (stored, ended_at_ms) WHERE ended_at_ms IS NOT NULL;
      CREATE INDEX turns_with_log ON turns (ended_at_ms) WHERE has_log = 1 AND ended_at_ms IS NOT NULL;

      CREATE TABLE turn_log (
        turn_id TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (turn_id, sequence)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE owners (
        owner TEXT PRIMARY KEY,
        expires_at_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE leases (
        name TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        fence INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX leases_expiry ON leases (expires_at_ms);

      CREATE TABLE sequences (
        key TEXT PRIMARY KEY,
        next INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE outbox (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        shard INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        committed_at_ms INTEGER NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT NOT NULL,
        subject TEXT NOT NULL,
        tenant TEXT NOT NULL,
        occurred_at_ms INTEGER NOT NULL,
        traceparent TEXT,
        data TEXT NOT NULL
      ) STRICT;
      CREATE INDEX outbox_shard ON outbox (shard, position);

      -- One row, kept by the triggers, because the bounds are checked on every accepted turn.
      CREATE TABLE outbox_totals (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        count INTEGER NOT NULL,
        bytes INTEGER NOT NULL
      ) STRICT;
      INSERT INTO outbox_totals VALUES (1, 0, 0);
      CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN
        UPDATE outbox_totals SET count = count + 1, bytes = bytes + new.bytes;
      END;
      CREATE TRIGGER outbox_removed AFTER DELETE ON outbox BEGIN
        UPDATE outbox_totals SET count = count - 1, bytes = bytes - old.bytes;
      END;
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE control (
        key TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE jobs (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        state TEXT NOT NULL,
        owner TEXT NOT NULL,
        fence INTEGER NOT NULL,
        starts INTEGER NOT NULL,
        cancel_requested INTEGER NOT NULL,
        lease_ends_at_ms INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL,
        ended_at_ms INTEGER,
        params TEXT NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX jobs_open ON jobs (kind, position) WHERE ended_at_ms IS NULL;
      CREATE INDEX jobs_ended ON jobs (kind, ended_at_ms) WHERE ended_at_ms IS NOT NULL;
    `,
  },
  {
    version: 3,
    sql: `
      CREATE TABLE idempotency (
        name TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        subject TEXT NOT NULL,
        fence INTEGER NOT NULL,
        held_until_ms INTEGER NOT NULL,
        settled INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX idempotency_expiry ON idempotency (expires_at_ms);
    `,
  },
  {
    version: 4,
    sql: `
      CREATE TABLE members (
        group_name TEXT NOT NULL,
        name TEXT NOT NULL,
        body TEXT NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        PRIMARY KEY (group_name, name)
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
