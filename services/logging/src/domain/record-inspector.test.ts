import { describe, expect, it } from 'vitest';
import { turnEventTypes, userEventTypes, userKey } from '@parley/contracts';
import type { ReceivedRecord } from '@parley/events/ports';
import { modelEvent, received, turnEvent } from '../../tests/support/records.ts';
import { testInspector as inspector } from '../../tests/support/test-recorder.ts';
import { recordOf } from './dead-letter.ts';

const place = { partition: 2, offset: 3 };

function inspect(record: ReceivedRecord | undefined) {
  if (record === undefined) throw new Error('No record.');
  return inspector.inspect(record);
}

function reasonOf(change: { [K in keyof ReceivedRecord]?: unknown }): string | undefined {
  const inspection = inspect({
    ...turnEvent('resp_1'),
    partition: 0,
    offset: 7,
    ...change,
  } as ReceivedRecord);
  return 'dead' in inspection ? inspection.dead.reason : undefined;
}

describe('a record from the event log', () => {
  it('that ends a turn is told with its turn', () => {
    const [record] = received(turnEvent('resp_1', turnEventTypes.incomplete));
    expect(inspect(record)).toMatchObject({ event: { turnId: 'resp_1', endsTurn: true } });
  });

  it('that begins a turn ends none', () => {
    const [record] = received(turnEvent('resp_1', turnEventTypes.accepted));
    expect(inspect(record)).toMatchObject({ event: { turnId: 'resp_1', endsTurn: false } });
  });

  it('of a model belongs to no turn', () => {
    const [record] = received(modelEvent('parley-tiny'));
    expect(inspect(record)).toMatchObject({ event: { turnId: '', endsTurn: false } });
  });

  it('of an unknown type with unknown fields is kept as it is', () => {
    const data = '{ "later":  [1, 2], "turn": {"turnId": "resp_2", "new": {}} }';
    const [record] = received(turnEvent('resp_2', 'parley.turn.applauded.v9', { data }));
    expect(inspect(record)).toMatchObject({ event: { data, turnId: 'resp_2', endsTurn: false } });
  });

  it.each([
    ['{"turn": {"turnId": "resp_1"', 'payload_not_json'],
    ['', 'payload_not_json'],
    ['{"text": "half a pair \ud800"}', 'payload_not_json'],
    [undefined, 'payload_not_json'],
    ['[1, 2]', 'payload_not_object'],
    ['null', 'payload_not_object'],
    ['{}', 'turn_id_missing'],
    ['{"turn": {"turnId": 5}}', 'turn_id_missing'],
    ['{"turn": {"turnId": "a\\u0000b"}}', 'turn_id_missing'],
    ['['.repeat(200_000), 'payload_not_json'],
  ])('with the payload %.40j is a dead letter', (data, reason) => {
    expect(reasonOf({ data })).toBe(reason);
  });

  it.each([
    { id: '' },
    { type: '' },
    { tenant: undefined },
    { subject: 'a\0b' },
    { key: '\ud800' },
    { sequence: -1 },
    { sequence: 1.5 },
    { sequence: 2 ** 60 },
    { occurredAtMs: Number.NaN },
    { occurredAtMs: 1e15 },
    { key: 'k'.repeat(1025) },
    { subject: '\u20ac'.repeat(342) },
    { traceparent: 5 },
    { traceparent: 'a\0b' },
  ])('with the attribute %j is a dead letter', (change) => {
    expect(reasonOf(change)).toBe('attribute_invalid');
  });

  it('that is no good becomes a letter that any store can hold', () => {
    const inspection = inspect({ ...turnEvent('resp_1'), ...place, key: 'a\0b', data: 'x\ud800' });
    expect(inspection).toMatchObject({ dead: { key: 'a\ufffdb', data: 'x\ufffd', ...place } });
  });

  it('that comes again becomes the same letter again', () => {
    const record = { ...turnEvent('resp_1'), ...place, data: '?' };
    expect(inspect(record)).toEqual(inspect(record));
    expect(inspect({ ...record, offset: 4 })).not.toEqual(inspect(record));
    expect(inspect({ ...record, partition: 1 })).not.toEqual(inspect(record));
  });

  it('can be made again of its letter', () => {
    const record = { ...turnEvent('resp_1'), ...place, key: 'a\0b', traceparent: '00-1-2-01' };
    const inspection = inspect(record);
    expect('dead' in inspection && recordOf(inspection.dead)).toEqual(record);
  });

  it('tells whose turn it is by a key that names nobody', () => {
    const data = JSON.stringify({ turn: { turnId: 'resp_1', endUser: 'ada@example.org' } });
    const inspection = inspect({ ...turnEvent('resp_1'), ...place, data });
    expect(inspection).toMatchObject({ event: { user: userKey('acme', 'ada@example.org') } });
    expect(userKey('acme', 'ada@example.org')).toMatch(/^user:[0-9a-f]{32}$/);
    const dead = inspect({ ...turnEvent('resp_1'), ...place, data, sequence: -1 });
    expect(dead).toMatchObject({ dead: { user: userKey('acme', 'ada@example.org') } });
  });
});

describe('an erasure', () => {
  const erased = { tenant: 'acme', endUser: 'ada', erasedAt: '2026-01-02T03:04:05.678Z' };
  const inspected = (payload: object) =>
    inspect({ ...turnEvent('x', userEventTypes.erased), ...place, data: JSON.stringify(payload) });

  it('says whose text goes, and from before when', () => {
    const erasure = { user: userKey('acme', 'ada'), erasedAtMs: Date.parse(erased.erasedAt) };
    expect(inspected(erased)).toMatchObject({ event: { erasure, turnId: '' } });
  });

  it.each([
    { ...erased, tenant: 'globex' },
    { ...erased, tenant: undefined },
    { ...erased, endUser: '' },
    { ...erased, endUser: 5 },
    { ...erased, erasedAt: 'yesterday' },
    {},
  ])('that says %j is a dead letter', (payload) => {
    expect(inspected(payload)).toMatchObject({ dead: { reason: 'erasure_invalid' } });
  });
});
