import type { DatabaseSync } from 'node:sqlite';
import { integerOf, prepared } from '@parley/sqlite';
import type { EventRecord } from '../ports.ts';

const insertRecord = `
  INSERT INTO events (topic, log_offset, bytes, appended_at_ms, id, type, source, key, subject, tenant, occurred_at_ms,
    sequence, traceparent, data)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (topic, id) DO NOTHING`;

/** What a row takes beside its payload: ids, names and indices, rounded up. */
const rowBytes = 512;

/** Adds records to the ends of their topics, leaving out those whose id is there; only inside a transaction. */
export function appendRecords(db: DatabaseSync, records: readonly EventRecord[], appendedAtMs: number): void {
  for (const record of records) {
    prepared(db, 'INSERT INTO event_topics VALUES (?, 0, 0) ON CONFLICT DO NOTHING').run(record.topic);
    const end = prepared(db, 'SELECT next_offset FROM event_topics WHERE topic = ?').get(record.topic) ?? {};
    const offset = integerOf(end, 'next_offset');
    const bytes = rowBytes + Buffer.byteLength(record.data);
    if (insert(db, record, offset, bytes, appendedAtMs)) {
      prepared(db, 'UPDATE event_topics SET next_offset = ?, bytes = bytes + ? WHERE topic = ?').run(
        offset + 1,
        bytes,
        record.topic,
      );
    }
  }
}

function insert(
  db: DatabaseSync,
  record: EventRecord,
  offset: number,
  bytes: number,
  appendedAtMs: number,
): boolean {
  const { topic, id, type, source, key, subject, tenant, occurredAtMs, sequence, data } = record;
  const traceparent = record.traceparent ?? null;
  const place = [topic, offset, bytes, appendedAtMs];
  const attributes = [id, type, source, key, subject, tenant, occurredAtMs, sequence, traceparent, data];
  return prepared(db, insertRecord).run(...place, ...attributes).changes === 1;
}
