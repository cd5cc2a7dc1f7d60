import { describe, expect, it } from 'vitest';
import type { Call } from '../ports/call.ts';
import type { StoredEvent } from '../ports/event-record.ts';
import { FakeEventRecord } from '../ports/fake-event-record.ts';
import { recordedTurn } from './turn-record.ts';

const call: Call = {
  tenant: { tenant: 'default', role: 'admin', keyId: 'k', requestId: 'r' },
  traceparent: undefined,
  signal: new AbortController().signal,
};

function event(sequence: number): StoredEvent {
  return {
    id: `e${sequence}`,
    type: 'parley.turn.accepted.v1',
    source: '/parley/dialogue',
    subject: 'resp_1',
    occurredAtMs: 1000 + sequence,
    recordedAtMs: 2000,
    tenant: 'default',
    topic: 'parley.conversation.events.v1',
    key: 'resp_1',
    sequence,
    turnId: 'resp_1',
    cursor: `c${sequence}`,
    data: '{}',
  };
}

describe('the record of a turn', () => {
  it('is in the order in which it happened, whatever the order of recording', async () => {
    const record = new FakeEventRecord({ events: [event(2), event(0), event(1)], next: '' });
    const { events } = await recordedTurn(record, 'resp_1', call);
    expect(events.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(record.asked).toMatchObject([{ turn: 'resp_1', conversation: '', types: [], after: '' }]);
  });

  it('is looked for past pages that came back empty because the search took too long', async () => {
    const record = new FakeEventRecord(
      { events: [], next: 'c10' },
      { events: [event(0)], next: 'c20' },
      { events: [event(1)], next: '' },
    );
    const { events, next } = await recordedTurn(record, 'resp_1', call);
    expect(events).toHaveLength(2);
    expect(next).toBe('');
    expect(record.asked.map(({ after }) => after)).toEqual(['', 'c10', 'c20']);
  });

  it('is not found when there is no event, and the search ends', async () => {
    await expect(recordedTurn(new FakeEventRecord(), 'resp_1', call)).rejects.toMatchObject({
      code: 'not_found',
    });
    const endless = new FakeEventRecord(...Array.from({ length: 100 }, () => ({ events: [], next: 'c' })));
    await expect(recordedTurn(endless, 'resp_1', call)).rejects.toMatchObject({ code: 'not_found' });
    expect(endless.asked.length).toBeLessThan(100);
  });

  it('says where to go on when there is more than one answer should hold', async () => {
    const many = Array.from({ length: 1000 }, (_, sequence) => event(sequence));
    const record = new FakeEventRecord({ events: many, next: 'c999' }, { events: [event(1000)], next: '' });
    expect(await recordedTurn(record, 'resp_1', call)).toMatchObject({ next: 'c999' });
    expect(record.asked).toHaveLength(1);
  });
});
