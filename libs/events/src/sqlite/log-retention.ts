import type { DatabaseSync } from 'node:sqlite';
import { controlTopic } from '@parley/contracts/event-types';
import type { Clock } from '@parley/kernel';
import { integerOf, prepared, textOf } from '@parley/sqlite';
import type { Row, SqliteConnection } from '@parley/sqlite';

/** What the log keeps of records that every group has handled. */
export interface RetentionLimits {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/** Records one transaction removes at most, so that a large cut never holds up the writers. */
const recordsPerStep = 500;

/** The oldest records that every group of their topic has handled; a topic without groups holds nothing back. */
const selectHandled = `
  SELECT rowid AS row_id, topic, bytes, appended_at_ms FROM events
  WHERE topic = ? AND log_offset < coalesce(
    (SELECT next_offset FROM event_groups WHERE topic = ? ORDER BY next_offset LIMIT 1), 9e18)
  ORDER BY log_offset LIMIT ?`;

/** Records of the compacted topic that a later one of their key has replaced; every group has handled them. */
const selectReplaced = `
  SELECT rowid AS row_id, topic, bytes, appended_at_ms FROM events AS old
  WHERE topic = ? AND log_offset < coalesce(
    (SELECT next_offset FROM event_groups WHERE topic = ? ORDER BY next_offset LIMIT 1), 9e18)
  AND EXISTS (SELECT 1 FROM events AS later
    WHERE later.topic = old.topic AND later.key = old.key AND later.log_offset > old.log_offset)
  ORDER BY log_offset LIMIT ?`;

/**
 * Cuts the beginning of the log: what is over age or over size, and handled by every group. Of the compacted topic it
 * takes what has been replaced, and nothing else, however old.
 */
export class LogRetention implements AsyncDisposable {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  readonly #limits: RetentionLimits;
  #timer: NodeJS.Timeout | undefined;
  #cutting: Promise<unknown> = Promise.resolve();

  constructor(connection: SqliteConnection, clock: Clock, limits: RetentionLimits) {
    this.#connection = connection;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Cuts every `everyMs`; holds no process open. A cut that fails is tried again at the next turn. */
  start(everyMs: number): void {
    this.#timer = setInterval(() => {
      this.#cutting = this.cut().catch(() => undefined);
    }, everyMs).unref();
  }

  /** Removes what may go; returns how many records went. */
  async cut(): Promise<number> {
    let total = 0;
    while ((await this.#connection.read((db) => this.#surplus(db))).length > 0) {
      const removed = await this.#connection.write((db) => remove(db, this.#surplus(db)));
      if (removed === 0) break;
      total += removed;
    }
    return total;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#cutting;
  }

  /** The next records to go, oldest first. */
  #surplus(db: DatabaseSync): Row[] {
    const replaced = prepared(db, selectReplaced).all(controlTopic, controlTopic, recordsPerStep);
    if (replaced.length > 0) return replaced;
    const topics = prepared(db, 'SELECT topic, bytes FROM event_topics').all();
    const handled = topics
      .map((row) => textOf(row, 'topic'))
      .filter((topic) => topic !== controlTopic)
      .flatMap((topic) => {
        return prepared(db, selectHandled).all(topic, topic, recordsPerStep);
      });
    const oldestFirst = handled.sort(
      (a, b) => integerOf(a, 'appended_at_ms') - integerOf(b, 'appended_at_ms'),
    );
    const appendedBefore = this.#clock.now() - this.#limits.maxAgeMs;
    let excess = topics.reduce((sum, row) => sum + integerOf(row, 'bytes'), 0) - this.#limits.maxBytes;
    const surplus = [];
    for (const row of oldestFirst.slice(0, recordsPerStep)) {
      if (excess <= 0 && integerOf(row, 'appended_at_ms') >= appendedBefore) break;
      excess -= integerOf(row, 'bytes');
      surplus.push(row);
    }
    return surplus;
  }
}

function remove(db: DatabaseSync, rows: readonly Row[]): number {
  for (const row of rows) {
    prepared(db, 'DELETE FROM events WHERE rowid = ?').run(integerOf(row, 'row_id'));
    const sql = 'UPDATE event_topics SET bytes = bytes - ? WHERE topic = ?';
    prepared(db, sql).run(integerOf(row, 'bytes'), textOf(row, 'topic'));
  }
  return rows.length;
}
