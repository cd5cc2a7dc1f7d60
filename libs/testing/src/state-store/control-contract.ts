import { describe, expect, test } from 'vitest';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** Control data: small values, changed by compare-and-set. */
export function controlContract(open: OpenStateStore): void {
  describe('a control value', () => {
    test('is not there until it is put, and is the same for everybody then', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      expect(await theirs.control.get('alias/default')).toBeUndefined();
      const first = { key: 'alias/default', version: 1, value: 'tiny' };
      expect(await mine.control.put('alias/default', 'tiny', 0)).toEqual(first);
      expect(await theirs.control.get('alias/default')).toEqual(first);
    });

    test('is changed by the one who knows its version, and by nobody else', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      await mine.control.put('a', 'one', 0);
      expect(await theirs.control.put('a', 'two', 1)).toEqual({ key: 'a', version: 2, value: 'two' });
      for (const stale of [0, 1, 3]) expect(await mine.control.put('a', 'three', stale)).toBeUndefined();
      expect(await mine.control.put('not there', 'x', 1)).toBeUndefined();
      expect(await mine.control.get('a')).toEqual({ key: 'a', version: 2, value: 'two' });
      expect(await mine.control.get('not there')).toBeUndefined();
    });

    test('goes to one of many that change it at the same time', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      const putAll = (expected: number) =>
        Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            clients[i % 2 === 0 ? 0 : 1].control.put('a', `value ${i}`, expected),
          ),
        );
      for (const expected of [0, 1]) {
        const winners = (await putAll(expected)).filter((value) => value !== undefined);
        expect(winners).toHaveLength(1);
        expect(await fixture.store.control.get('a')).toEqual(winners[0]);
      }
    });

    test('is listed by the beginning of its key, in order of key', async () => {
      await using fixture = await open();
      const { control } = fixture.store;
      for (const key of ['b/2', 'a/1', 'b/1', 'b/10', 'c', 'b', 'B/1', 'b%/1'])
        await control.put(key, `of ${key}`, 0);
      expect((await control.list('b/')).map(({ key }) => key)).toEqual(['b/1', 'b/10', 'b/2']);
      expect(await control.list('c')).toEqual([{ key: 'c', version: 1, value: 'of c' }]);
      expect((await control.list('')).map(({ key }) => key)).toHaveLength(8);
      expect(await control.list('d')).toEqual([]);
    });
  });
}
