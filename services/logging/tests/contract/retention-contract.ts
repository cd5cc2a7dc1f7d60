import { describe, expect, it } from 'vitest';
import type { Cutoffs } from '../../src/domain/retention-policy.ts';
import { someDayMs } from '../support/records.ts';
import { hourMs, incoming, letter } from './fixture.ts';
import type { OpenRecordStore } from './fixture.ts';
import { storeUnderTest } from './store-under-test.ts';

/** The end of what is too old. */
export function retentionContract(open: OpenRecordStore): void {
  describe('with a retention', () => {
    const under = storeUnderTest(open);

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
}
