import type { DatabaseSync } from 'node:sqlite';
import { newUuid } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { integerOf, optionalTextOf, prepared } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { ReceivedRecord } from '../ports.ts';
import { recordOf } from './record-row.ts';

/** Bytes of payload one batch holds at most (or one record), so that reading it stays far below 200 ms. */
const batchBytes = 8 * 1024 * 1024;

const selectSizes = `
  SELECT log_offset, bytes FROM events
  WHERE topic = ? AND log_offset >= (SELECT next_offset FROM event_groups WHERE group_name = ? AND topic = ?)
  ORDER BY log_offset LIMIT ?`;

const selectBatch = 'SELECT * FROM events WHERE topic = ? AND log_offset BETWEEN ? AND ? ORDER BY log_offset';

const selectLag = `
  SELECT coalesce(sum(max(0, t.next_offset - max(g.next_offset, coalesce(
    (SELECT min(log_offset) FROM events e WHERE e.topic = g.topic), t.next_offset)))), 0) AS lag
  FROM event_groups g JOIN event_topics t ON t.topic = g.topic
  WHERE g.group_name = ? AND g.topic IN (SELECT value FROM json_each(?))`;

const renewLease =
  'UPDATE event_groups SET consumer = ?, expires_at_ms = ? WHERE group_name = ? AND topic = ?';

// A place behind the batch's first record means that another member has come and gone meanwhile.
const moveOn = `
  UPDATE event_groups SET next_offset = ? WHERE group_name = ? AND topic = ? AND consumer = ? AND next_offset <= ?`;

/**
 * One subscriber's part in a group: its lease and the group's place. The lease covers all topics or none; a place
 * moves only while the lease is the member's, so that one that has been replaced moves nothing.
 */
export class GroupMember {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  readonly #group: string;
  readonly #consumer = newUuid();
  readonly topics: readonly string[];
  readonly leaseMs: number;

  constructor(
    connection: SqliteConnection,
    clock: Clock,
    group: string,
    topics: readonly string[],
    leaseMs: number,
  ) {
    this.#connection = connection;
    this.#clock = clock;
    this.#group = group;
    this.topics = [...new Set(topics)];
    this.leaseMs = leaseMs;
  }

  /** Makes the group known, so that the log keeps what it has not handled. */
  register(): Promise<void> {
    return this.#connection.write((db) => {
      const insert = prepared(
        db,
        'INSERT INTO event_groups VALUES (?, ?, 0, NULL, 0) ON CONFLICT DO NOTHING',
      );
      for (const topic of this.topics) insert.run(this.#group, topic);
    });
  }

  /** Whether no other member has the lease; cheap, for waiting. */
  free(): Promise<boolean> {
    return this.#connection.read((db) => this.topics.every((topic) => this.#holder(db, topic) === undefined));
  }

  /** Takes or renews the lease; false when another member has it. */
  lease(): Promise<boolean> {
    return this.#connection.write((db) => {
      if (this.topics.some((topic) => (this.#holder(db, topic) ?? this.#consumer) !== this.#consumer))
        return false;
      const expiresAtMs = this.#clock.now() + this.leaseMs;
      for (const topic of this.topics)
        prepared(db, renewLease).run(this.#consumer, expiresAtMs, this.#group, topic);
      return true;
    });
  }

  /** Gives the lease up, so that another member goes on at once. */
  leave(): Promise<void> {
    return this.#connection.write((db) => {
      const sql =
        'UPDATE event_groups SET consumer = NULL, expires_at_ms = 0 WHERE group_name = ? AND consumer = ?';
      prepared(db, sql).run(this.#group, this.#consumer);
    });
  }

  /** The next records of a topic that the group has not handled; fewer than `limit` when they are large. */
  next(topic: string, limit: number): Promise<ReceivedRecord[]> {
    return this.#connection.read((db) => {
      const sizes = prepared(db, selectSizes).all(topic, this.#group, topic, limit);
      const [first] = sizes;
      if (first === undefined) return [];
      let bytes = 0;
      const fitting = sizes.filter((row) => (bytes += integerOf(row, 'bytes')) <= batchBytes);
      const last = fitting.at(-1) ?? first;
      const range = [integerOf(first, 'log_offset'), integerOf(last, 'log_offset')];
      return prepared(db, selectBatch)
        .all(topic, ...range)
        .map(recordOf);
    });
  }

  /** Moves the group's place behind a batch; false when the lease, now or in between, was another's. */
  handled(batch: readonly ReceivedRecord[]): Promise<boolean> {
    return this.#connection.write((db) => {
      const first = batch[0];
      const last = batch.at(-1);
      if (first === undefined || last === undefined) return true;
      const moved = prepared(db, moveOn).run(
        last.offset + 1,
        this.#group,
        last.topic,
        this.#consumer,
        first.offset,
      );
      return moved.changes === 1;
    });
  }

  /** Records of the topics that the group has not handled. */
  lag(): Promise<number> {
    return this.#connection.read((db) =>
      integerOf(prepared(db, selectLag).get(this.#group, JSON.stringify(this.topics)) ?? {}, 'lag'),
    );
  }

  /** Who has the topic's lease now. */
  #holder(db: DatabaseSync, topic: string): string | undefined {
    const sql = 'SELECT consumer, expires_at_ms FROM event_groups WHERE group_name = ? AND topic = ?';
    const row = prepared(db, sql).get(this.#group, topic);
    if (row === undefined || integerOf(row, 'expires_at_ms') <= this.#clock.now()) return undefined;
    return optionalTextOf(row, 'consumer');
  }
}
