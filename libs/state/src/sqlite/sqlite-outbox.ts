import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@parley/kernel';
import { integerOf, optionalTextOf, prepared, textOf } from '@parley/sqlite';
import type { Row, SqliteConnection } from '@parley/sqlite';
import { outboxLeaseName } from '../ports.ts';
import type { Fence, Outbox, OutboxStats, PendingEvent } from '../ports.ts';
import type { Fences } from './fences.ts';
import { leaseFence } from './sqlite-lease-store.ts';

const selectPositions = 'SELECT position FROM outbox WHERE shard = ? ORDER BY position LIMIT ?';
const selectTotals = `
  SELECT count, bytes, coalesce((SELECT committed_at_ms FROM outbox ORDER BY position LIMIT 1), ?) AS oldest_at_ms
  FROM outbox_totals`;

/** Committed events in the `outbox` table; a position is unique over all shards and grows with every commit. */
export class SqliteOutbox implements Outbox {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, fences: Fences, clock: Clock) {
    this.#connection = connection;
    this.#fences = fences;
    this.#clock = clock;
  }

  pending(shards: readonly number[], limit: number): Promise<PendingEvent[]> {
    return this.#connection.read((db) => {
      const count = integerOf(prepared(db, 'SELECT count FROM outbox_totals').get() ?? {}, 'count');
      if (count === 0) return [];
      if (count <= limit) {
        const all = prepared(db, 'SELECT * FROM outbox ORDER BY position').all().map(pendingEventOf);
        return all.filter(({ shard }) => shards.includes(shard));
      }
      const row = prepared(db, 'SELECT * FROM outbox WHERE position = ?');
      return oldestPositions(db, shards, limit).flatMap((position) => row.all(position).map(pendingEventOf));
    });
  }

  remove(events: readonly PendingEvent[], fences: ReadonlyMap<number, Fence>): Promise<void> {
    return this.#connection.write((db) => {
      const held = new Set(
        [...fences].filter(([shard, fence]) => this.#holds(db, shard, fence)).map(([shard]) => shard),
      );
      for (const { shard, position } of events) {
        if (!held.has(shard)) continue;
        prepared(db, 'DELETE FROM outbox WHERE position = ? AND shard = ?').run(position, shard);
      }
    });
  }

  stats(): Promise<OutboxStats> {
    return this.#connection.read((db) => {
      const now = this.#clock.now();
      const row = prepared(db, selectTotals).get(now) ?? {};
      const oldestMs = Math.max(0, now - integerOf(row, 'oldest_at_ms'));
      return { count: integerOf(row, 'count'), bytes: integerOf(row, 'bytes'), oldestMs };
    });
  }

  #holds(db: DatabaseSync, shard: number, fence: Fence): boolean {
    const counter = leaseFence(db, outboxLeaseName(shard));
    return counter !== undefined && this.#fences.matches(fence, counter);
  }
}

/** Asks shard by shard, because only that reads no more than `limit` index entries of each, however full the outbox. */
function oldestPositions(db: DatabaseSync, shards: readonly number[], limit: number): number[] {
  const statement = prepared(db, selectPositions);
  const positions = shards.flatMap((shard) =>
    statement.all(shard, limit).map((row) => integerOf(row, 'position')),
  );
  return positions.sort((a, b) => a - b).slice(0, limit);
}

function pendingEventOf(row: Row): PendingEvent {
  const traceparent = optionalTextOf(row, 'traceparent');
  return {
    id: textOf(row, 'id'),
    type: textOf(row, 'type'),
    topic: textOf(row, 'topic'),
    key: textOf(row, 'key'),
    subject: textOf(row, 'subject'),
    tenant: textOf(row, 'tenant'),
    occurredAtMs: integerOf(row, 'occurred_at_ms'),
    data: textOf(row, 'data'),
    shard: integerOf(row, 'shard'),
    position: integerOf(row, 'position'),
    sequence: integerOf(row, 'sequence'),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
