import { describe, expect, it } from 'vitest';
import { someDayMs } from '../support/records.ts';
import { letter } from './fixture.ts';
import type { OpenRecordStore } from './fixture.ts';
import { storeUnderTest } from './store-under-test.ts';

/** What could not be recorded. */
export function letterContract(open: OpenRecordStore): void {
  describe('with dead letters', () => {
    const under = storeUnderTest(open);

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
}
