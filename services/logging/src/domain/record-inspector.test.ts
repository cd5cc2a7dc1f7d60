import { describe, expect, it } from 'vitest';
import { terminalTurnEventTypes, turnEventTypes } from '@parley/contracts';
import type { ReceivedRecord } from '@parley/events/ports';
import { modelEvent, received, turnEvent } from '../../tests/support/records.ts';
import { RecordInspector } from './record-inspector.ts';

const inspector = new RecordInspector({
  turnTypes: Object.values(turnEventTypes),
  terminalTypes: terminalTurnEventTypes,
});

function inspect(record: ReceivedRecord | undefined) {
  if (record === undefined) throw new Error('No record.');
  return inspector.inspect(record);
}

function reasonOf(change: { [K in keyof ReceivedRecord]?: unknown }): string | undefined {
  const inspection = inspect({ ...turnEvent('resp_1'), offset: 7, ...change } as ReceivedRecord);
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
  ])('with the attribute %j is a dead letter', (change) => {
    expect(reasonOf(change)).toBe('attribute_invalid');
  });

  it('that is no good becomes a letter that any store can hold', () => {
    const inspection = inspect({ ...turnEvent('resp_1'), offset: 3, key: 'a\0b', data: 'x\ud800' });
    expect(inspection).toMatchObject({ dead: { key: 'a\ufffdb', data: 'x\ufffd', offset: 3 } });
  });

  it('that comes again becomes the same letter again', () => {
    const record = { ...turnEvent('resp_1'), offset: 3, data: '?' };
    expect(inspect(record)).toEqual(inspect(record));
    expect(inspect({ ...record, offset: 4 })).not.toEqual(inspect(record));
  });
});
