import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchesOf } from './text-batches.ts';

it('every text is in one batch, and no batch of several is larger than a run may be', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 60 }), (lengths) => {
      const texts = lengths.map((length, index) => ({ index, ids: Array.from({ length }, () => 1) }));
      const batches = batchesOf(texts, 100);
      const indexes = batches.flat().map(({ index }) => index);
      expect(indexes.toSorted((a, b) => a - b)).toEqual(texts.map(({ index }) => index));
      for (const batch of batches) {
        const longest = Math.max(...batch.map(({ ids }) => ids.length));
        expect(batch.length === 1 || batch.length * longest <= 100).toBe(true);
      }
    }),
  );
});

it('texts of one length fill a run', () => {
  const texts = Array.from({ length: 25 }, (_, index) => ({ index, ids: [1, 2, 3, 4, 5] }));
  expect(batchesOf(texts, 50).map((batch) => batch.length)).toEqual([10, 10, 5]);
});
