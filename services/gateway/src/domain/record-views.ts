import type { FleetInstance } from '../ports/fleet.ts';
import type { StoredEvent } from '../ports/event-record.ts';

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

function eventView(event: StoredEvent) {
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
