import { newUuid } from '@parley/kernel';
import type { EventRecord } from '../ports.ts';

/** A record for tests. */
export function fakeRecord(record: Partial<EventRecord> = {}): EventRecord {
  return {
    id: newUuid(),
    type: 'parley.turn.accepted.v1',
    source: '/parley/dialogue/dialogue-1',
    topic: 'parley.test.events.v1',
    key: 'a',
    subject: 'a',
    tenant: 'acme',
    occurredAtMs: 1_700_000_000_000,
    sequence: 0,
    data: '{}',
    ...record,
  };
}
