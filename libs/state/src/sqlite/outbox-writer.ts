import type { DatabaseSync } from 'node:sqlite';
import { ParleyError, shardOf, shardOfId } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { integerOf, prepared } from '@parley/sqlite';
import type { OutboxEvent } from '../ports.ts';
import { nextSequence } from './sqlite-sequence-store.ts';

/** What the outbox may hold before new turns are refused. */
export interface OutboxLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

const insertEvent = `
  INSERT INTO outbox (shard, sequence, bytes, committed_at_ms, id, type, topic, key, subject, tenant, occurred_at_ms,
    traceparent, data)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Puts events into the outbox as part of a turn's commit; only inside a transaction. */
export class OutboxWriter {
  readonly #clock: Clock;
  readonly #limits: OutboxLimits;

  constructor(clock: Clock, limits: OutboxLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * Checks the bounds; for new turns only, because the end of an accepted turn is never refused.
   * @throws ParleyError `overloaded` when `events` do not fit.
   */
  requireRoom(db: DatabaseSync, events: readonly OutboxEvent[]): void {
    if (events.length === 0) return;
    const totals = prepared(db, 'SELECT count, bytes FROM outbox_totals').get() ?? {};
    const count = integerOf(totals, 'count') + events.length;
    const bytes = events.reduce((sum, event) => sum + bytesOf(event), integerOf(totals, 'bytes'));
    if (count <= this.#limits.maxEvents && bytes <= this.#limits.maxBytes) return;
    const message = 'Too many events wait to be published; no new turn is accepted until they are.';
    throw new ParleyError('overloaded', message, { retryAfterMs: 1_000, details: { count, bytes } });
  }

  /** Numbers the events within their keys and writes them. */
  write(db: DatabaseSync, events: readonly OutboxEvent[]): void {
    const committedAtMs = this.#clock.now();
    for (const event of events) {
      const shard = shardOfId(event.key) ?? shardOf(event.key);
      const sequence = nextSequence(db, event.key);
      const { id, type, topic, key, subject, tenant, occurredAtMs, data } = event;
      const traceparent = event.traceparent ?? null;
      const size = bytesOf(event);
      const insert = prepared(db, insertEvent);
      insert.run(
        shard,
        sequence,
        size,
        committedAtMs,
        id,
        type,
        topic,
        key,
        subject,
        tenant,
        occurredAtMs,
        traceparent,
        data,
      );
    }
  }
}

/** What a row takes beside its data: ids, names and indices, rounded up. */
const rowBytes = 512;

function bytesOf(event: OutboxEvent): number {
  return rowBytes + Buffer.byteLength(event.data);
}
