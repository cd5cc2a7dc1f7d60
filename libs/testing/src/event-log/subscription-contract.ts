import { describe, expect, test } from 'vitest';
import { aRecord } from '../builders.ts';
import { collect, firstOfEach, soon, topic, twoLogs } from './fixture.ts';
import type { OpenEventLog } from './fixture.ts';

/** One consumer: what it gets, how far it is, how it ends. */
export function subscriptionContract(open: OpenEventLog): void {
  describe('a subscription', () => {
    test('gets what is in the log and what comes later, in order', async () => {
      await using fixture = await open();
      const [log, consumer] = await twoLogs(fixture);
      await log.append(['0', '1'].map((data) => aRecord({ topic, key: 'a', data })));
      const collector = await collect(consumer);
      await using _ = collector.subscription;
      await soon(() => expect(collector.data()).toEqual(['0', '1']));
      await log.append(['2', '3'].map((data) => aRecord({ topic, key: 'a', data })));
      await soon(() => expect(collector.data()).toEqual(['0', '1', '2', '3']));
    });

    test('gets the records of all its topics and of no other', async () => {
      await using fixture = await open();
      const collector = await collect(fixture.log, { topics: [topic, 'parley.second.v1'] });
      await using _ = collector.subscription;
      const topics = [topic, 'parley.second.v1', 'parley.third.v1', topic];
      await fixture.log.append(topics.map((name, i) => aRecord({ topic: name, key: 'a', data: `${i}` })));
      await soon(() => expect(collector.data().toSorted()).toEqual(['0', '1', '3']));
      const ofFirst = collector.batches.flat().filter((record) => record.topic === topic);
      expect(ofFirst.map(({ data }) => data)).toEqual(['0', '3']);
    });

    test('gets no more records at once than it asked for', async () => {
      await using fixture = await open();
      await fixture.log.append(
        Array.from({ length: 10 }, (_, i) => aRecord({ topic, key: 'a', data: `${i}` })),
      );
      const collector = await collect(fixture.log, { batchSize: 4 });
      await using _ = collector.subscription;
      await soon(() => expect(collector.data()).toHaveLength(10));
      expect(Math.max(...collector.batches.map(({ length }) => length))).toBeLessThanOrEqual(4);
    });

    test('gets one batch of a partition at a time, also when it takes several partitions at once', async () => {
      await using fixture = await open();
      const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const data of ['0', '1', '2', '3'])
        await fixture.log.append(keys.map((key) => aRecord({ topic, key, data })));
      const atWork = new Set<number>();
      let overlaps = 0;
      const collector = await collect(fixture.log, { partitionsAtOnce: 8, batchSize: 2 }, async ([first]) => {
        const partition = first?.partition ?? -1;
        if (atWork.has(partition)) overlaps += 1;
        atWork.add(partition);
        await new Promise((resolve) => setTimeout(resolve, 5));
        atWork.delete(partition);
      });
      await using _ = collector.subscription;
      await soon(() => expect(collector.data()).toHaveLength(24));
      expect(overlaps).toBe(0);
      for (const key of keys) {
        const own = firstOfEach(collector.batches.flat()).filter((record) => record.key === key);
        expect(own.map(({ data }) => data)).toEqual(['0', '1', '2', '3']);
      }
    });

    test('knows how many records it has not handled', async () => {
      await using fixture = await open();
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      await fixture.log.append([
        aRecord({ topic }),
        aRecord({ topic }),
        aRecord({ topic: 'parley.other.v1' }),
      ]);
      const { subscription } = await collect(fixture.log, {}, () => gate);
      await using _ = subscription;
      expect(await subscription.lag()).toBe(2);
      await fixture.log.append([aRecord({ topic })]);
      await soon(async () => expect(await subscription.lag()).toBe(3));
      release();
      await soon(async () => expect(await subscription.lag()).toBe(0));
    });

    test('waits for the batch in work when it ends, and takes no other', async () => {
      await using fixture = await open();
      await fixture.log.append([aRecord({ topic, data: 'first' })]);
      let finish = (): void => undefined;
      const work = new Promise<void>((resolve) => (finish = resolve));
      let begun = false;
      const collector = await collect(fixture.log, { batchSize: 1 }, async () => {
        begun = true;
        await work;
      });
      await soon(() => expect(begun).toBe(true));
      await fixture.log.append([aRecord({ topic, data: 'second' })]);
      let ended = false;
      const ending = collector.subscription[Symbol.asyncDispose]().then(() => (ended = true));
      await fixture.log.read(topic, '', 10);
      expect(ended).toBe(false);
      finish();
      await ending;
      expect(collector.data()).toEqual(['first']);
    });

    test('tells the handler by its signal that it is ending', async () => {
      await using fixture = await open();
      await fixture.log.append([aRecord({ topic })]);
      let begun = false;
      const { subscription } = await collect(fixture.log, {}, async (_, signal) => {
        begun = true;
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        );
      });
      await soon(() => expect(begun).toBe(true));
      await subscription[Symbol.asyncDispose]();
    });
  });
}
