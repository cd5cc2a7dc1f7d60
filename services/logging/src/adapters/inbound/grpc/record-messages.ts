import type { record } from '@parley/contracts';
import { encodeCursor } from '../../../domain/cursor.ts';
import type { EventFilter } from '../../../domain/event-filter.ts';
import type { StoredEvent } from '../../../domain/recorded-event.ts';

/** The filter of a request: proto3 says "any" with empty values, the domain by leaving parts out. */
export function filterOf(message: record.EventFilter | undefined): EventFilter {
  if (message === undefined) return {};
  const { subject, types, from, to, tenant, turnId } = message;
  return {
    ...(subject === '' ? {} : { subject }),
    ...(types.length === 0 ? {} : { types }),
    ...(from === undefined ? {} : { fromMs: from.getTime() }),
    ...(to === undefined ? {} : { toMs: to.getTime() }),
    ...(tenant === '' ? {} : { tenant }),
    ...(turnId === '' ? {} : { turnId }),
  };
}

export function eventMessage(event: StoredEvent): record.RecordedEvent {
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    subject: event.subject,
    occurredAt: new Date(event.occurredAtMs),
    recordedAt: new Date(event.recordedAtMs),
    tenant: event.tenant,
    topic: event.topic,
    key: event.key,
    sequence: event.sequence,
    data: event.data,
    turnId: event.turnId,
    cursor: encodeCursor(event.position),
  };
}
