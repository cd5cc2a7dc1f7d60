import type { FleetInstance } from '../ports/fleet.ts';
import type { StoredEvent } from '../ports/event-record.ts';
import type { DeadLetter, RetryOutcome } from '../ports/record-care.ts';

const isoTime = (ms: number): string => new Date(ms).toISOString();
const maybeIsoTime = (ms: number | undefined): string | null => (ms === undefined ? null : isoTime(ms));

/** One page of the record; `next` is null when there is no further event yet. */
export function eventList(events: readonly StoredEvent[], next: string) {
  return {
    object: 'list',
    data: events.map(eventView),
    next: next === '' ? null : next,
    has_more: next !== '',
  } as const;
}

/** One event of the record. */
export function eventView(event: StoredEvent) {
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    subject: event.subject,
    time: isoTime(event.occurredAtMs),
    recorded_at: isoTime(event.recordedAtMs),
    tenant: event.tenant,
    topic: event.topic,
    key: event.key,
    sequence: event.sequence,
    turn_id: event.turnId === '' ? null : event.turnId,
    cursor: event.cursor,
    data: payloadOf(event.data),
  };
}

/** A payload that is not JSON is shown as the text it is: the record must stay readable. */
function payloadOf(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return data;
  }
}

/** One page of what could not be recorded; `next` is null when there is no further letter yet. */
export function deadLetterList(letters: readonly DeadLetter[], next: string) {
  return {
    object: 'list',
    data: letters.map((letter) => ({ ...letterView(letter), data: letter.data })),
    next: next === '' ? null : next,
    has_more: next !== '',
  } as const;
}

/** What trying dead letters again came to. */
export function retryView({ recorded, refused }: RetryOutcome) {
  return { object: 'dead_letters.retry', recorded, refused: refused.map(letterView) } as const;
}

function letterView(letter: DeadLetter) {
  return {
    id: letter.id,
    reason: letter.reason,
    detail: letter.detail,
    topic: letter.topic,
    partition: letter.partition,
    offset: letter.offset,
    key: letter.key,
    event_id: letter.eventId,
    type: letter.type,
    tenant: letter.tenant,
    received_at: isoTime(letter.receivedAtMs),
  };
}

/** That a user is to be forgotten; it has happened once the event is in the record. */
export function erasureView(tenant: string, user: string, eventId: string) {
  return { object: 'user.erasure', tenant, user, event_id: eventId } as const;
}

/** The fleet as monitoring sees it now. */
export function fleetView(observedAtMs: number, instances: readonly FleetInstance[]) {
  return {
    object: 'fleet',
    observed_at: isoTime(observedAtMs),
    instances: instances.map((instance) => ({
      service: instance.service,
      address: instance.address,
      instance_id: instance.instanceId === '' ? null : instance.instanceId,
      health: instance.health,
      reason: instance.reason === '' ? null : instance.reason,
      since: maybeIsoTime(instance.sinceMs),
      last_answer_at: maybeIsoTime(instance.lastAnswerAtMs),
      version: instance.version === '' ? null : instance.version,
      resident_memory_bytes: instance.residentMemoryBytes,
    })),
  } as const;
}
