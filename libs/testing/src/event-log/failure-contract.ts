import { describe, expect, test } from 'vitest';
import { aRecord } from '../builders.ts';
import { collect, soon, topic } from './fixture.ts';
import type { OpenEventLog } from './fixture.ts';

/** What happens when a handler fails. */
export function failureContract(open: OpenEventLog): void {
  describe('a handler that fails', () => {
    test('gets the same batch again, told apart by nothing, and then the rest', async () => {
      await using fixture = await open();
      await fixture.log.append(['0', '1', '2'].map((data) => aRecord({ topic, key: 'a', data })));
      const refused: string[][] = [];
      const errors: unknown[] = [];
      const options = { batchSize: 2, onError: (error: unknown) => errors.push(error) };
      const collector = await collect(fixture.log, options, (records) => {
        if (refused.length >= 2) return;
        refused.push(records.map(({ data }) => data));
        throw new Error('the database is away');
      });
      await using _ = collector.subscription;
      await soon(() => expect(collector.data()).toEqual(['0', '1', '2']));
      expect(refused[1]).toEqual(refused[0]);
      expect(collector.batches[0]?.map(({ data }) => data)).toEqual(refused[0]);
      expect(errors).toEqual([new Error('the database is away'), new Error('the database is away')]);
    });

    test('holds the group at its place, also over a new subscription', async () => {
      await using fixture = await open();
      await fixture.log.append(['0', '1'].map((data) => aRecord({ topic, key: 'a', data })));
      let failures = 0;
      const failing = await collect(fixture.log, {}, () => {
        failures += 1;
        throw new Error('always');
      });
      await soon(() => expect(failures).toBeGreaterThan(1));
      expect(await failing.subscription.lag()).toBe(2);
      await failing.subscription[Symbol.asyncDispose]();
      const working = await collect(fixture.log);
      await using _ = working.subscription;
      await soon(() => expect(working.data()).toEqual(['0', '1']));
    });
  });
}
