import { describe, expect, it } from 'vitest';
import { incoming, letter } from './fixture.ts';
import type { OpenRecordStore } from './fixture.ts';
import { storeUnderTest } from './store-under-test.ts';

/** Users and their texts. */
export function erasureContract(open: OpenRecordStore): void {
  describe('with users', () => {
    const under = storeUnderTest(open);

    it('remembers who was erased, at the latest time', async () => {
      const remember = (user: string, erasedAtMs: number) =>
        under.store.write((tx) => tx.erasures.remember({ user, erasedAtMs }));
      await remember('u', 5);
      await remember('u', 7);
      await remember('u', 6);
      await remember('v', 1);
      const until = (...users: string[]) => under.store.write((tx) => tx.erasures.until(users));
      expect(await until('u', 'v', 'w')).toEqual(
        new Map([
          ['u', 7],
          ['v', 1],
        ]),
      );
      expect(await until()).toEqual(new Map());
    });

    it("steps through a user's events and writes what has changed", async () => {
      const mine = Array.from({ length: 5 }, (_, n) =>
        incoming('t', { id: `m${n}`, user: 'u', data: `{"n":${n}}` }),
      );
      await under.insert(...mine, incoming('t', { id: 'other', user: 'v', data: '{"text":1}' }));
      const seen: string[] = [];
      let steps = 0;
      for (let after: number | undefined = 0; after !== undefined && steps < 10; steps++) {
        after = await under.store.texts.events({ user: 'u', after, limit: 2 }, ({ id, data, user }) => {
          seen.push(id);
          return id === 'm3'
            ? undefined
            : { data: data.replace('n', 'erased'), user: id === 'm4' ? user : '' };
        });
      }
      expect([seen, steps]).toEqual([['m0', 'm1', 'm2', 'm3', 'm4'], 3]);
      const upTo = await under.store.head();
      const { events } = await under.store.page({
        filter: {},
        after: 0,
        upTo,
        limit: 10,
        maxDataLength: 999,
      });
      expect(events.map(({ data }) => data)).toEqual([
        '{"erased":0}',
        '{"erased":1}',
        '{"erased":2}',
        '{"n":3}',
        '{"erased":4}',
        '{"text":1}',
      ]);
      const left: string[] = [];
      await under.store.texts.events({ user: 'u', after: 0, limit: 10 }, ({ id }) => void left.push(id));
      expect(left).toEqual(['m3', 'm4']);
    });

    it("steps through a user's dead letters", async () => {
      await under.addLetters(
        letter('x', { user: 'u' }),
        letter('y', { user: 'u' }),
        letter('z', { user: 'v' }),
      );
      const change = (after: number) =>
        under.store.texts.letters({ user: 'u', after, limit: 1 }, () => ({ data: '{}', user: '' }));
      const after = await change(0);
      expect(await change(after ?? 0)).toBeTypeOf('number');
      expect(await change(0)).toBeUndefined();
      expect(await under.letterNames()).toEqual(['{}', '{}', 'z']);
    });
  });
}
