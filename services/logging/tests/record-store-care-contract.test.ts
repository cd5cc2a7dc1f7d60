import { describe, expect, it } from 'vitest';
import type { Cutoffs } from '../src/domain/retention-policy.ts';
import { hourMs, incoming, letter } from './support/fixture.ts';
import { describeStores } from './support/record-stores.ts';
import { someDayMs } from './support/records.ts';

/** What every adapter of the RecordStore port does beside events: dead letters, erased users, retention. */
await describeStores((under) => {
  describe('with dead letters', () => {
    it('keeps each once, in the order they came, and gives it back as it came', async () => {
      expect(await under.addLetters(letter('x'), letter('x'), letter('y'))).toEqual([
        letter('x'),
        letter('y'),
      ]);
      expect(await under.addLetters(letter('y'), letter('a'))).toEqual([letter('a')]);
      expect(await under.letterNames()).toEqual(['x', 'y', 'a']);
      const [found] = await under.store.letters.load([letter('x').id]);
      expect(found).toEqual({ ...letter('x'), position: found?.position, receivedAtMs: someDayMs });
    });

    it('lists them in pages, cut by count and by size', async () => {
      await under.addLetters(letter('one'), letter('two'), letter('three'));
      const { letters } = under.store;
      const page = await letters.page({ after: 0, limit: 2, maxDataLength: 100 });
      expect(page.map(({ data }) => data)).toEqual(['one', 'two']);
      const after = page.at(-1)?.position ?? 0;
      const rest = await letters.page({ after, limit: 2, maxDataLength: 100 });
      expect(rest.map(({ data }) => data)).toEqual(['three']);
      expect(await letters.page({ after: 0, limit: 10, maxDataLength: 4 })).toHaveLength(1);
      expect(await letters.page({ after: 0, limit: 10, maxDataLength: 0 })).toHaveLength(1);
      expect(await letters.load([])).toEqual([]);
    });

    it('takes one off, and writes why another stays', async () => {
      await under.addLetters(letter('x'), letter('y'));
      await under.store.write(async (tx) => {
        await tx.letters.remove(letter('x').id);
        await tx.letters.refuse(letter('y', { reason: 'turn_id_missing', detail: 'now' }));
      });
      const left = await under.store.letters.page({ after: 0, limit: 10, maxDataLength: 100 });
      expect(left).toMatchObject([{ data: 'y', reason: 'turn_id_missing', detail: 'now' }]);
    });

    it('never gives a position again', async () => {
      await under.addLetters(letter('x'), letter('y'));
      const last = (await under.store.letters.load([letter('y').id]))[0]?.position ?? 0;
      await under.store.write((tx) => tx.letters.remove(letter('y').id));
      await under.addLetters(letter('z'));
      expect((await under.store.letters.load([letter('z').id]))[0]?.position).toBeGreaterThan(last);
    });

    it('knows which have been published', async () => {
      await under.addLetters(letter('x'), letter('y'), letter('z'));
      const { letters } = under.store;
      await letters.markPublished([], someDayMs);
      await letters.markPublished([letter('x').id], someDayMs);
      expect((await letters.unpublished(1)).map(({ data }) => data)).toEqual(['y']);
      expect((await letters.unpublished(10)).map(({ data }) => data)).toEqual(['y', 'z']);
      expect(await under.letterNames()).toEqual(['x', 'y', 'z']);
    });
  });

  describe('with users', () => {
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

  describe('with a retention', () => {
    /** Steps until nothing is left to remove, at most ten. */
    async function sweep(others: number, tenants: [string, number][] = []): Promise<void> {
      const cutoffs: Cutoffs = { others, tenants: new Map(tenants) };
      for (let step = 0; step < 10; step++) {
        const { rows, months } = await under.store.upkeep.removeExpired(cutoffs, 1);
        if (rows + months === 0) return;
      }
      throw new Error('there is no end to it');
    }

    const ended = (turn: string, id: string, occurredAtMs: number, tenant = 'acme') =>
      incoming(turn, { id, endsTurn: true, occurredAtMs, tenant });

    it('removes what is old, in steps, and frees the turns of it', async () => {
      await under.insert(ended('resp_1', 'a', someDayMs), ended('resp_2', 'b', someDayMs));
      await under.insert(ended('resp_3', 'c', someDayMs + hourMs));
      await under.addLetters(letter('x'));
      await sweep(someDayMs);
      expect(await under.idsOf({})).toEqual(['a', 'b', 'c']);
      await sweep(someDayMs + 1);
      expect(await under.idsOf({})).toEqual(['c']);
      expect(await under.letterNames()).toEqual([]);
      const turns = await under.store.write((tx) => tx.endedTurns(['resp_1', 'resp_3']));
      expect(turns).toEqual(new Set(['resp_3']));
    });

    it('keeps the events of a tenant for its own time', async () => {
      await under.insert(
        ended('resp_1', 'a', someDayMs, 'acme'),
        ended('resp_2', 'b', someDayMs, 'globex'),
        ended('resp_3', 'c', someDayMs, 'initech'),
        ended('resp_4', 'd', someDayMs + hourMs, 'globex'),
      );
      await under.addLetters(letter('x'), letter('y', { tenant: 'globex' }));
      await sweep(someDayMs + 1, [
        ['acme', 0],
        ['globex', someDayMs],
      ]);
      expect(await under.idsOf({})).toEqual(['a', 'b', 'd']);
      expect(await under.letterNames()).toEqual(['x', 'y']);
      await sweep(0, [['globex', someDayMs + 1]]);
      expect(await under.idsOf({})).toEqual(['a', 'd']);
      expect(await under.letterNames()).toEqual(['x']);
      const turns = await under.store.write((tx) => tx.endedTurns(['resp_1', 'resp_2', 'resp_3', 'resp_4']));
      expect(turns).toEqual(new Set(['resp_1', 'resp_4']));
    });

    it('finds events of whole months too, whatever their times', async () => {
      const months = [0, 1, 2, 3].map((n) => Date.UTC(2026, n, 10));
      await under.insert(...months.map((at, n) => ended(`resp_${n}`, `e${n}`, at)), ended('resp_x', 'x', 5));
      await under.insert(ended('resp_y', 'y', months[0] ?? 0, 'other'));
      await sweep(Date.UTC(2026, 2, 15), [['other', 0]]);
      expect(await under.idsOf({})).toEqual(['e3', 'y']);
      await sweep(Date.UTC(2026, 2, 15));
      expect(await under.idsOf({})).toEqual(['e3']);
      await under.insert(ended('resp_0', 'again', months[0] ?? 0));
      expect(await under.idsOf({})).toEqual(['e3', 'again']);
    });

    it('makes room ahead as often as it is asked to', async () => {
      await under.store.upkeep.prepare(someDayMs);
      await under.store.upkeep.prepare(someDayMs);
      await under.insert(ended('resp_1', 'a', someDayMs));
      expect(await under.idsOf({})).toEqual(['a']);
    });
  });
});
