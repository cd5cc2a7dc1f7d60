import type { Migration } from '@parley/sqlite';

/** The name under which `fleet.db` keeps the version of these tables. */
export const eventsComponent = 'events';

/**
 * The layout of the event log. A step that has been released never changes; a change of layout is a new step that
 * the release before still works with.
 */
export const eventsMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE event_topics (
        topic TEXT PRIMARY KEY,
        next_offset INTEGER NOT NULL,
        bytes INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE events (
        topic TEXT NOT NULL,
        log_offset INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        appended_at_ms INTEGER NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        source TEXT NOT NULL,
        key TEXT NOT NULL,
        subject TEXT NOT NULL,
        tenant TEXT NOT NULL,
        occurred_at_ms INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        traceparent TEXT,
        data TEXT NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX events_offset ON events (topic, log_offset);
      CREATE UNIQUE INDEX events_id ON events (topic, id);

      -- How far a group has come, and which consumer may move it. The rows of a group that has gone stay, and so do
      -- the records it has not handled.
      CREATE TABLE event_groups (
        group_name TEXT NOT NULL,
        topic TEXT NOT NULL,
        next_offset INTEGER NOT NULL,
        consumer TEXT,
        expires_at_ms INTEGER NOT NULL,
        PRIMARY KEY (group_name, topic)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX event_groups_topic ON event_groups (topic, next_offset);
    `,
  },
];
