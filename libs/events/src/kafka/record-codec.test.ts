import { describe, expect, it } from 'vitest';
import { fakeRecord } from './fake-record.ts';
import { messageOf, recordOf } from './record-codec.ts';
import type { FetchedMessage } from './record-codec.ts';

function fetched(message: Partial<FetchedMessage>): FetchedMessage {
  return { key: null, value: null, timestamp: '1700000000000', offset: '42', ...message };
}

describe('a record as a Kafka message', () => {
  it('is a CloudEvent in binary mode', () => {
    const record = fakeRecord({
      id: '0190a0a0-0000-7000-8000-000000000001',
      type: 'parley.turn.completed.v1',
      key: 'resp_1',
      subject: 'resp_1',
      occurredAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      sequence: 3,
      data: '{"a":1}',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(messageOf(record)).toEqual({
      key: 'resp_1',
      value: '{"a":1}',
      headers: {
        ce_specversion: '1.0',
        ce_id: '0190a0a0-0000-7000-8000-000000000001',
        ce_type: 'parley.turn.completed.v1',
        ce_source: '/parley/dialogue/dialogue-1',
        ce_time: '2026-01-02T03:04:05.678Z',
        ce_subject: 'resp_1',
        ce_dataschema: 'urn:parley:schema:parley.turn.completed.v1',
        ce_sequence: '3',
        ce_tenant: 'acme',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        'content-type': 'application/json; charset=utf-8',
      },
    });
  });

  it('comes back as it was', () => {
    for (const record of [
      fakeRecord({ data: '{"text":"你好 🎈"}', tenant: 'größe' }),
      fakeRecord({ data: '' }),
    ]) {
      const { key, value, headers } = messageOf(record);
      const message = fetched({
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
      });
      expect(recordOf(record.topic, 7, message)).toEqual({ ...record, partition: 7, offset: 42 });
    }
  });
});

describe('a message of another program', () => {
  it('becomes a record of no type, known by its place', () => {
    expect(recordOf('t', 3, fetched({ value: Buffer.from([0xff, 0x00]) }))).toEqual({
      id: 't/3/42',
      type: '',
      source: '',
      topic: 't',
      key: '',
      subject: '',
      tenant: '',
      occurredAtMs: 1_700_000_000_000,
      sequence: -1,
      data: '\u{fffd}\u0000',
      partition: 3,
      offset: 42,
    });
  });

  it.each([
    [{ ce_time: 'soon' }, '-1', 0],
    [{ ce_time: 'soon' }, 'never', 0],
    [{ ce_time: 'soon' }, `${Number.MAX_SAFE_INTEGER}`, 0],
    [{ ce_time: '2026-01-02T03:04:05Z' }, '5', Date.UTC(2026, 0, 2, 3, 4, 5)],
  ])('has a time that can be told again (%o, %s)', (headers, timestamp, expected) => {
    const { occurredAtMs } = recordOf('t', 0, fetched({ headers, timestamp }));
    expect(occurredAtMs).toBe(expected);
    expect(() => new Date(occurredAtMs).toISOString()).not.toThrow();
  });

  it.each(['-1', '1.5', 'x', '', '99999999999999999999'])('has no number where it says "%s"', (text) => {
    expect(recordOf('t', 0, fetched({ headers: { ce_sequence: text } })).sequence).toBe(-1);
  });

  it('counts by the first of headers given twice', () => {
    const headers = { ce_id: [Buffer.from('first'), Buffer.from('second')], ce_type: [] };
    expect(recordOf('t', 0, fetched({ headers }))).toMatchObject({ id: 'first', type: '' });
  });
});
