import { newPublicId, newUuid } from '@parley/kernel';
import type { EventRecord } from '@parley/events/ports';
import type { Fence, LoggedEntry, NewTurn, OutboxEvent, TurnEnd } from '@parley/state/ports';

/** A fence no store has given. */
export function aFence(fence: Partial<Fence> = {}): Fence {
  return { epoch: 'another-epoch', counter: 1, ...fence };
}

/** A stored turn of a new id. */
export function aNewTurn(turn: Partial<NewTurn> = {}): NewTurn {
  return {
    id: newPublicId('resp'),
    tenant: 'acme',
    stored: true,
    owner: 'dialogue-1',
    document: '{"state":"accepted"}',
    createdAtMs: Date.now(),
    ...turn,
  };
}

/** The end of a turn, without entries and events unless given. */
export function anEnd(end: Partial<TurnEnd> = {}): TurnEnd {
  return { document: '{"state":"completed"}', endedAtMs: Date.now(), entries: [], events: [], ...end };
}

/** The log entry of that number. */
export function anEntry(sequence: number, body = `entry ${sequence}`): LoggedEntry {
  return { sequence, body };
}

/** Log entries `from` to `to`, both included. */
export function entries(from: number, to: number): LoggedEntry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => anEntry(from + index));
}

/** An event of a turn of its own. */
export function anOutboxEvent(event: Partial<OutboxEvent> = {}): OutboxEvent {
  const key = event.key ?? newPublicId('resp');
  return {
    id: newUuid(),
    type: 'parley.turn.accepted.v1',
    topic: 'parley.conversation.events.v1',
    key,
    subject: key,
    tenant: 'acme',
    occurredAtMs: Date.now(),
    data: '{}',
    ...event,
  };
}

/** A record of the event log. */
export function aRecord(record: Partial<EventRecord> = {}): EventRecord {
  return { ...anOutboxEvent(record), source: '/parley/dialogue/dialogue-1', sequence: 0, ...record };
}
