import { describe, expect, test } from 'vitest';
import type { ReceivedRecord } from '@parley/events/ports';
import { aRecord } from '../builders.ts';
import { readAll, readUntil, topic } from './fixture.ts';
import type { OpenEventLog } from './fixture.ts';

/** Reading from any place, beside all groups. */
export function readContract(open: OpenEventLog): void {
  describe('reading', () => {
    test('goes on from any place, up to a limit', async () => {
      await using fixture = await open();
      await fixture.log.append(numbered(10, ['a']));
      const all = await readUntil(fixture.log, 10);
      expect(all.map(({ data }) => data)).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
      expect(ascending(all)).toBe(true);
      const first = await fixture.log.read(topic, '', 3);
      expect(first.records).toEqual(all.slice(0, 3));
      const second = await fixture.log.read(topic, first.next, 2);
      expect(second.records).toEqual(all.slice(3, 5));
      expect((await fixture.log.read(topic, first.next, 2)).records).toEqual(second.records);
      const end = await readAll(fixture.log, topic, second.next);
      expect(end.records).toEqual(all.slice(5));
      expect((await fixture.log.read(topic, end.next, 10)).records).toEqual([]);
    });

    test('by pages brings every record once, however its keys are spread, and then what is new', async () => {
      await using fixture = await open();
      await fixture.log.append(numbered(30, ['a', 'b', 'c', 'd', 'e']));
      await readUntil(fixture.log, 30);
      const pages = await readAll(fixture.log, topic, '', 7);
      expect(pages.records.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 30 }, (_, i) => i),
      );
      expect(ascending(pages.records)).toBe(true);
      await fixture.log.append([aRecord({ topic, key: 'd', data: 'new' })]);
      await readUntil(fixture.log, 31);
      const later = await readAll(fixture.log, topic, pages.next);
      expect(later.records.map(({ data }) => data)).toEqual(['new']);
    });

    test('sees one topic only', async () => {
      await using fixture = await open();
      await fixture.log.append([aRecord({ topic, data: 'mine' }), aRecord({ topic: 'parley.other.v1' })]);
      const read = await readUntil(fixture.log, 1);
      expect(read.map(({ data }) => data)).toEqual(['mine']);
      expect(await fixture.log.read('parley.none.v1', '', 10)).toEqual({ records: [], next: '' });
    });

    test('refuses a place that is none', async () => {
      await using fixture = await open();
      for (const place of ['x', '-1', '0:', '99999999999999999999']) {
        const reading = fixture.log.read(topic, place, 10);
        await expect(reading, place).rejects.toMatchObject({ code: 'invalid_request', param: 'after' });
      }
    });
  });
}

function numbered(count: number, keys: readonly string[]) {
  return Array.from({ length: count }, (_, index) =>
    aRecord({ topic, key: keys[index % keys.length] ?? '', sequence: index, data: `${index}` }),
  );
}

/** Whether offsets grow within every partition. */
function ascending(records: readonly ReceivedRecord[]): boolean {
  const last = new Map<number, number>();
  return records.every(({ partition, offset }) => {
    const above = offset > (last.get(partition) ?? -1);
    last.set(partition, offset);
    return above;
  });
}
