import { describe, expect, it } from 'vitest';
import { planBatch } from './batch-plan.ts';
import type { IncomingEvent } from './recorded-event.ts';

function end(id: string, turnId: string, type = 'completed'): IncomingEvent {
  const envelope = {
    source: '',
    topic: 't',
    key: turnId,
    subject: turnId,
    tenant: '',
    occurredAtMs: 0,
    sequence: 0,
  };
  return { ...envelope, id, type, turnId, data: '{}', endsTurn: true, user: '' };
}

function note(id: string, turnId: string, type = 'accepted'): IncomingEvent {
  return { ...end(id, turnId, type), endsTurn: false };
}

function plan(batch: IncomingEvent[], known: { events?: [string, string][]; endedTurns?: string[] } = {}) {
  const sorted = planBatch(batch, { events: new Map(known.events), endedTurns: new Set(known.endedTurns) });
  const ids = (events: readonly IncomingEvent[]): string[] => events.map((event) => event.id);
  return { store: ids(sorted.store), duplicates: ids(sorted.duplicates), refused: ids(sorted.refused) };
}

describe('a batch', () => {
  it('of new events is stored in its order', () => {
    expect(plan([note('a', 't1'), end('b', 't1'), note('c', 't2')])).toEqual({
      store: ['a', 'b', 'c'],
      duplicates: [],
      refused: [],
    });
  });

  it('leaves out what the record has', () => {
    expect(
      plan([note('a', 't1'), end('b', 't1')], {
        events: [
          ['a', 'accepted'],
          ['b', 'completed'],
        ],
        endedTurns: ['t1'],
      }),
    ).toEqual({
      store: [],
      duplicates: ['a', 'b'],
      refused: [],
    });
  });

  it('stores an event once that is in it twice', () => {
    expect(plan([end('b', 't1'), end('b', 't1')])).toEqual({ store: ['b'], duplicates: ['b'], refused: [] });
  });

  it('does not end a turn that the record has ended', () => {
    expect(plan([end('c', 't1', 'failed')], { endedTurns: ['t1'] })).toEqual({
      store: [],
      duplicates: [],
      refused: ['c'],
    });
  });

  it('does not end a turn that it has ended itself', () => {
    expect(plan([end('b', 't1'), end('c', 't1', 'cancelled'), end('d', 't2')])).toEqual({
      store: ['b', 'd'],
      duplicates: [],
      refused: ['c'],
    });
  });

  it('refuses another end of a turn under the id of the first', () => {
    expect(plan([end('b', 't1'), end('b', 't1', 'incomplete')])).toEqual({
      store: ['b'],
      duplicates: [],
      refused: ['b'],
    });
    expect(plan([end('b', 't1', 'incomplete')], { events: [['b', 'completed']] }).refused).toEqual(['b']);
  });

  it('may tell more about a turn after its end', () => {
    expect(plan([note('d', 't1', 'rated')], { endedTurns: ['t1'] }).store).toEqual(['d']);
  });
});
