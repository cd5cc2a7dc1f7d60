import type { Insertable, Selectable } from 'kysely';
import type { IncomingEvent, StoredEvent } from '../../../domain/recorded-event.ts';
import type { EventsTable } from './record-tables.ts';

export function eventRow(event: IncomingEvent, recordedAtMs: number): Insertable<EventsTable> {
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    subject: event.subject,
    tenant: event.tenant,
    topic: event.topic,
    key: event.key,
    sequence: event.sequence,
    turn_id: event.turnId,
    occurred_at: event.occurredAtMs,
    recorded_at: recordedAtMs,
    traceparent: event.traceparent ?? null,
    data_length: event.data.length,
    data: event.data,
    user_key: event.user,
  };
}

export function storedEvent(row: Selectable<EventsTable>): StoredEvent {
  return {
    position: row.position,
    id: row.id,
    type: row.type,
    source: row.source,
    subject: row.subject,
    tenant: row.tenant,
    topic: row.topic,
    key: row.key,
    sequence: row.sequence,
    turnId: row.turn_id,
    occurredAtMs: row.occurred_at,
    recordedAtMs: row.recorded_at,
    data: row.data,
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
  };
}
