import { describe, expect, test } from 'vitest';
import type { EventLog, EventRecord, ReceivedRecord } from '@parley/events/ports';
import { aRecord } from '../builders.ts';
import { eventually } from '../eventually.ts';
import { topic, twoLogs } from './fixture.ts';
import type { OpenEventLog } from './fixture.ts';

/** Appending, and reading from any place. */
export function appendContract(open: OpenEventLog): void {
  describe('appending', () => {
    test('keeps every attribute of a record', async () => {
      await using fixture = await open();
      const [log, reader] = await twoLogs(fixture);
      const traced = aRecord({
        topic,
        sequence: 7,
        tenant: 'größe',
        data: '{"text":"你好 🎈"}',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
      const plain = aRecord({ topic });
      await log.append([traced, plain]);
      const read = await readUntil(reader, 2);
      const offsets = read.map(({ offset }) => ({ offset }));
      expect(read).toEqual([
        { ...traced, ...offsets[0] },
        { ...plain, ...offsets[1] },
      ]);
    });

    test('drops a record whose id is in the topic already', async () => {
      await using fixture = await open();
      const [log, other] = await twoLogs(fixture);
      const first = aRecord({ topic, data: '1' });
      const second = aRecord({ topic, data: '2' });
      await log.append([first, first]);
      await other.append([first, second]);
      await log.append([second]);
      const read = await readUntil(log, 2);
      expect(read.map(({ data }) => data)).toEqual(['1', '2']);
    });

    test('takes the same id in two topics', async () => {
      await using fixture = await open();
      const record = aRecord({ topic });
      await fixture.log.append([record, { ...record, topic: 'parley.other.v1' }]);
      await readUntil(fixture.log, 1);
      await readUntil(fixture.log, 1, 'parley.other.v1');
    });

    test('keeps the order of a key, also when appends do not wait for each other', async () => {
      await using fixture = await open();
      const appends = Array.from({ length: 40 }, (_, i) =>
        fixture.log.append([
          aRecord({ topic, key: 'a', sequence: 2 * i }),
          aRecord({ topic, key: 'a', sequence: 2 * i + 1 }),
          aRecord({ topic, key: 'b', sequence: i }),
        ]),
      );
      await Promise.all(appends);
      const read = await readUntil(fixture.log, 120);
      const sequencesOf = (key: string): number[] => read.filter((r) => r.key === key).map((r) => r.sequence);
      expect(sequencesOf('a')).toEqual(Array.from({ length: 80 }, (_, i) => i));
      expect(sequencesOf('b')).toEqual(Array.from({ length: 40 }, (_, i) => i));
    });

    test('of nothing does nothing', async () => {
      await using fixture = await open();
      await fixture.log.append([]);
      expect(await fixture.log.read(topic, -1, 10)).toEqual([]);
    });
  });

  describe('reading', () => {
    test('goes on from any place, up to a limit', async () => {
      await using fixture = await open();
      await fixture.log.append(numbered(10));
      const all = await readUntil(fixture.log, 10);
      const offsets = all.map(({ offset }) => offset);
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      expect(new Set(offsets).size).toBe(10);
      expect(await fixture.log.read(topic, all[3]?.offset ?? -1, 2)).toEqual(all.slice(4, 6));
      expect(await fixture.log.read(topic, all[9]?.offset ?? -1, 10)).toEqual([]);
      expect(await fixture.log.read(topic, -1, 3)).toEqual(all.slice(0, 3));
    });

    test('sees one topic only', async () => {
      await using fixture = await open();
      await fixture.log.append([aRecord({ topic, data: 'mine' }), aRecord({ topic: 'parley.other.v1' })]);
      const read = await readUntil(fixture.log, 1);
      expect(read.map(({ data }) => data)).toEqual(['mine']);
      expect(await fixture.log.read('parley.none.v1', -1, 10)).toEqual([]);
    });
  });
}

function numbered(count: number): EventRecord[] {
  return Array.from({ length: count }, (_, index) =>
    aRecord({ topic, key: 'a', sequence: index, data: `${index}` }),
  );
}

function readUntil(log: EventLog, count: number, from = topic): Promise<ReceivedRecord[]> {
  return eventually(async () => {
    const read = await log.read(from, -1, 1_000);
    expect(read).toHaveLength(count);
    return read;
  });
}
