import { newUuid } from '@parley/kernel';
import { modelEventTypes, topics, turnEventTypes } from '@parley/contracts';
import type { EventRecord, ReceivedRecord } from '@parley/events/ports';

/** 2026-01-01T00:00:00Z: a day that no test depends on. */
export const someDayMs = Date.UTC(2026, 0, 1);

const envelope = { source: '/parley/dialogue/test', tenant: 'acme', sequence: 0, occurredAtMs: someDayMs };

/** An event of a turn, as dialogue publishes it. */
export function turnEvent(
  turnId: string,
  type: string = turnEventTypes.completed,
  change: Partial<EventRecord> = {},
): EventRecord {
  const data = JSON.stringify({ turn: { turnId, tenant: 'acme' }, finishReason: 'FINISH_REASON_STOP' });
  return {
    ...envelope,
    id: newUuid(),
    type,
    topic: topics.conversation,
    key: turnId,
    subject: turnId,
    data,
    ...change,
  };
}

/** An event of a model, as the model service publishes it. */
export function modelEvent(model: string, change: Partial<EventRecord> = {}): EventRecord {
  const data = JSON.stringify({ model: { name: model, digest: 'abc' }, engine: 'gguf' });
  const ids = { id: newUuid(), key: model, subject: model };
  return {
    ...envelope,
    ...ids,
    tenant: '',
    type: modelEventTypes.loaded,
    topic: topics.model,
    data,
    ...change,
  };
}

/** Records as the event log hands them over. */
export function received(...records: readonly EventRecord[]): ReceivedRecord[] {
  return records.map((record, offset) => ({ ...record, partition: 0, offset }));
}
