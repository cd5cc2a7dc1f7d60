import type { Insertable, Selectable } from 'kysely';
import type { DeadLetter, DeadLetterReason, StoredLetter } from '../../../domain/dead-letter.ts';
import type { DeadLettersTable } from './record-tables.ts';

export function letterRow(letter: DeadLetter, receivedAtMs: number): Insertable<DeadLettersTable> {
  const { partition, offset, eventId, user, ...same } = letter;
  return {
    ...same,
    record_partition: partition,
    record_offset: offset,
    event_id: eventId,
    user_key: user,
    received_at: receivedAtMs,
    published_at: null,
  };
}

export function storedLetter(row: Selectable<DeadLettersTable>): StoredLetter {
  const { record_partition, record_offset, event_id, user_key, received_at, published_at: _, ...same } = row;
  return {
    ...same,
    // Only reasons of this program and the one before it are ever written.
    reason: row.reason as DeadLetterReason,
    partition: record_partition,
    offset: record_offset,
    eventId: event_id,
    user: user_key,
    receivedAtMs: received_at,
  };
}
