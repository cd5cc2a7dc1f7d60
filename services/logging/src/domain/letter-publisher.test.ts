import { deadLetterEventType } from '@parley/contracts';
import type { EventRecord } from '@parley/events/ports';
import { describe, expect, it } from 'vitest';
import { letter, shortcuts } from '../../tests/support/fixture.ts';
import { someDayMs } from '../../tests/support/records.ts';
import { deadLetterEvent } from '../adapters/outbound/dead-letter-event.ts';
import { openSqliteRecordStore } from '../adapters/outbound/sqlite/sqlite-record-store.ts';
import { LetterPublisher } from './letter-publisher.ts';

function setUp() {
  const store = openSqliteRecordStore(':memory:');
  const published: EventRecord[] = [];
  const log = { isAway: false };
  const publisher = new LetterPublisher(
    store,
    {
      append: (records) => {
        if (log.isAway) return Promise.reject(new Error('away'));
        published.push(...records);
        return Promise.resolve();
      },
    },
    (each) => deadLetterEvent(each, '/parley/logging/test'),
    { now: () => someDayMs },
  );
  return { ...shortcuts(store), store, published, log, publisher };
}

describe('the publisher of dead letters', () => {
  it('publishes each once, with its reason and what was received', async () => {
    const { addLetters, published, publisher } = setUp();
    await addLetters(letter('x', { topic: 'parley.model.events.v1' }));
    await publisher.publish();
    await publisher.publish();
    const { data, ...attributes } = published[0] ?? expect.unreachable();
    expect(published).toHaveLength(1);
    expect(attributes).toEqual({
      id: letter('x').id,
      type: deadLetterEventType,
      source: '/parley/logging/test',
      topic: 'parley.model.events.v1.dlq',
      key: 'k',
      subject: letter('x').id,
      tenant: 'acme',
      occurredAtMs: someDayMs,
      sequence: 0,
    });
    expect(JSON.parse(data)).toEqual({
      id: letter('x').id,
      reason: 'payload_not_json',
      detail: 'The payload is not JSON.',
      topic: 'parley.model.events.v1',
      partition: 2,
      offset: '1',
      key: 'k',
      eventId: 'e',
      type: 'x',
      tenant: 'acme',
      receivedAt: '2026-01-01T00:00:00.000Z',
      data: 'x',
    });
  });

  it('goes on with all of them once the event log is back', async () => {
    const { addLetters, published, log, publisher } = setUp();
    await addLetters(...Array.from({ length: 50 }, (_, n) => letter(`x${n}`)));
    log.isAway = true;
    await expect(publisher.publish()).rejects.toThrow('away');
    log.isAway = false;
    await publisher.publish();
    expect(published).toHaveLength(50);
    await publisher.publish(AbortSignal.abort());
  });

  it('publishes nothing that a log would not take for its size', async () => {
    const { addLetters, published, publisher } = setUp();
    const long = 'y'.repeat(1_000_000);
    await addLetters(letter('long', { data: long, key: long, eventId: long, type: long, tenant: long }));
    await publisher.publish();
    expect(JSON.stringify(published[0]).length).toBeLessThan(300_000);
  });
});
