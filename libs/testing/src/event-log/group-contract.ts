import { describe, expect, test } from 'vitest';
import type { ReceivedRecord } from '@parley/events/ports';
import { aRecord } from '../builders.ts';
import { collect, firstOfEach, soon, topic, twoLogs } from './fixture.ts';
import type { OpenEventLog } from './fixture.ts';

/** Groups: their place, and who works for them. */
export function groupContract(open: OpenEventLog): void {
  describe('a group', () => {
    test('goes on where it was, also from another client', async () => {
      await using fixture = await open();
      const [log, later] = await twoLogs(fixture);
      await log.append(['0', '1'].map((data) => aRecord({ topic, key: 'a', data })));
      const before = await collect(log);
      await soon(async () => expect(await before.subscription.lag()).toBe(0));
      await before.subscription[Symbol.asyncDispose]();
      await log.append(['2', '3'].map((data) => aRecord({ topic, key: 'a', data })));
      const after = await collect(later);
      await using _ = after.subscription;
      await soon(() => expect(after.data()).toEqual(['2', '3']));
    });

    test('gets every record, whatever other groups have handled', async () => {
      await using fixture = await open();
      const record = await collect(fixture.log, { group: 'record' });
      const watch = await collect(fixture.log, { group: 'watch' });
      await using _record = record.subscription;
      await using _watch = watch.subscription;
      await fixture.log.append(['0', '1'].map((data) => aRecord({ topic, key: 'a', data })));
      for (const { data } of [record, watch]) await soon(() => expect(data()).toEqual(['0', '1']));
    });

    test('has one member at work on a key; together they handle its records in order', async () => {
      await using fixture = await open();
      const logs = await twoLogs(fixture);
      const arrived: ReceivedRecord[] = [];
      let atWork = 0;
      let most = 0;
      const work = async (records: readonly ReceivedRecord[]): Promise<void> => {
        most = Math.max(most, ++atWork);
        await new Promise((resolve) => setTimeout(resolve, 1));
        arrived.push(...records);
        atWork -= 1;
      };
      const first = await collect(logs[0], { batchSize: 5 }, work);
      const second = await collect(logs[1], { batchSize: 5 }, work);
      await using _first = first.subscription;
      await using _second = second.subscription;
      for (let i = 0; i < 50; i++) await fixture.log.append([aRecord({ topic, key: 'a', data: `${i}` })]);
      const data = (): string[] => firstOfEach(arrived).map((record) => record.data);
      await soon(() => expect(data()).toHaveLength(50));
      expect(data()).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
      expect(most).toBe(1);
    });

    test('goes on with another member when the one at work leaves', async () => {
      await using fixture = await open();
      const logs = await twoLogs(fixture);
      const first = await collect(logs[0]);
      await logs[0].append([aRecord({ topic, key: 'a', data: '0' })]);
      await soon(async () => expect(await first.subscription.lag()).toBe(0));
      const second = await collect(logs[1]);
      await using _ = second.subscription;
      await first.subscription[Symbol.asyncDispose]();
      await logs[1].append([aRecord({ topic, key: 'a', data: '1' })]);
      await soon(() => expect(second.data()).toEqual(['1']));
      expect(first.data()).toEqual(['0']);
    });
  });
}
