import { describe, expect, test } from 'vitest';
import { aRecord } from '../builders.ts';
import { eventually } from '../eventually.ts';
import { collect, topic, twoLogs } from './fixture.ts';
import type { OpenEventLog } from './fixture.ts';

/** Groups: their place, and who works for them. */
export function groupContract(open: OpenEventLog): void {
  describe('a group', () => {
    test('goes on where it was, also from another client', async () => {
      await using fixture = await open();
      const [log, later] = await twoLogs(fixture);
      await log.append(['0', '1'].map((data) => aRecord({ topic, key: 'a', data })));
      const before = await collect(log);
      await eventually(async () => expect(await before.subscription.lag()).toBe(0));
      await before.subscription[Symbol.asyncDispose]();
      await log.append(['2', '3'].map((data) => aRecord({ topic, key: 'a', data })));
      const after = await collect(later);
      await using _ = after.subscription;
      await eventually(() => expect(after.data()).toEqual(['2', '3']));
    });

    test('gets every record, whatever other groups have handled', async () => {
      await using fixture = await open();
      const record = await collect(fixture.log, { group: 'record' });
      const watch = await collect(fixture.log, { group: 'watch' });
      await using _record = record.subscription;
      await using _watch = watch.subscription;
      await fixture.log.append(['0', '1'].map((data) => aRecord({ topic, key: 'a', data })));
      for (const { data } of [record, watch]) await eventually(() => expect(data()).toEqual(['0', '1']));
    });

    test('has one member at work on a key; together they handle each record once and in order', async () => {
      await using fixture = await open();
      const logs = await twoLogs(fixture);
      const members = [await collect(logs[0], { batchSize: 5 }), await collect(logs[1], { batchSize: 5 })];
      const arrived = (): string[] => members.flatMap(({ data }) => data());
      for (let i = 0; i < 50; i++) await fixture.log.append([aRecord({ topic, key: 'a', data: `${i}` })]);
      await eventually(() => expect(arrived()).toHaveLength(50));
      expect(members.filter(({ batches }) => batches.length > 0)).toHaveLength(1);
      expect(arrived()).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
      for (const { subscription } of members) await subscription[Symbol.asyncDispose]();
    });

    test('goes on with another member when the one at work leaves', async () => {
      await using fixture = await open();
      const logs = await twoLogs(fixture);
      const first = await collect(logs[0]);
      await logs[0].append([aRecord({ topic, key: 'a', data: '0' })]);
      await eventually(async () => expect(await first.subscription.lag()).toBe(0));
      const second = await collect(logs[1]);
      await using _ = second.subscription;
      await first.subscription[Symbol.asyncDispose]();
      await logs[1].append([aRecord({ topic, key: 'a', data: '1' })]);
      await eventually(() => expect(second.data()).toEqual(['1']));
      expect(first.data()).toEqual(['0']);
    });
  });
}
