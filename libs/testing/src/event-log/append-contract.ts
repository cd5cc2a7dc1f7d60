import { describe, expect, test } from 'vitest';
import type { EventRecord } from '@parley/events/ports';
import { aRecord } from '../builders.ts';
import { compactedTopic, readUntil, topic, twoLogs } from './fixture.ts';
import type { OpenEventLog } from './fixture.ts';

/** Appending. */
export function appendContract(open: OpenEventLog): void {
  describe('appending', () => {
    test('keeps every attribute of a record', async () => {
      await using fixture = await open();
      const [log, reader] = await twoLogs(fixture);
      const traced = aRecord({
        topic,
        key: 'a',
        sequence: 7,
        tenant: 'größe',
        data: '{"text":"你好 🎈"}',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
      const plain = aRecord({ topic, key: 'a' });
      await log.append([traced, plain]);
      const read = await readUntil(reader, 2);
      const places = read.map(({ partition, offset }) => ({ partition, offset }));
      expect(read).toEqual([
        { ...traced, ...places[0] },
        { ...plain, ...places[1] },
      ]);
    });

    test('again what may have been appended puts nothing before what was there', async () => {
      await using fixture = await open();
      const [log, other] = await twoLogs(fixture);
      const [first, second, third] = ['1', '2', '3'].map((data) => aRecord({ topic, key: 'a', data })) as [
        EventRecord,
        EventRecord,
        EventRecord,
      ];
      await log.append([first, first]);
      await other.append([first, second]);
      await log.append([second, third]);
      const read = await readUntil(log, 3);
      expect(read.map(({ data }) => data)).toEqual(['1', '2', '3']);
    });

    test('takes the same id in two topics', async () => {
      await using fixture = await open();
      const record = aRecord({ topic });
      await fixture.log.append([record, { ...record, topic: 'parley.other.v1' }]);
      await readUntil(fixture.log, 1);
      await readUntil(fixture.log, 1, 'parley.other.v1');
    });

    test('takes a record without data, which says on a compacted topic that a value is gone', async () => {
      await using fixture = await open();
      await fixture.log.append([aRecord({ topic: compactedTopic, key: 'alias/default', data: '' })]);
      const [gone] = await readUntil(fixture.log, 1, compactedTopic);
      expect(gone).toMatchObject({ key: 'alias/default', data: '' });
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
      expect((await fixture.log.read(topic, '', 10)).records).toEqual([]);
    });
  });
}
