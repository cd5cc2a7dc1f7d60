import { describe, expect, test } from 'vitest';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** Numbers that grow by one. */
export function sequenceContract(open: OpenStateStore): void {
  describe('sequences', () => {
    test('begin at 0 and count per key', async () => {
      await using fixture = await open();
      const { sequences } = fixture.store;
      expect([await sequences.next('a'), await sequences.next('a'), await sequences.next('b')]).toEqual([
        0, 1, 0,
      ]);
    });

    test('have no gap and no repeat when many ask at once', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      const asked = Array.from({ length: 100 }, (_, i) => clients[i % 2 === 0 ? 0 : 1].sequences.next('a'));
      const numbers = (await Promise.all(asked)).toSorted((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 100 }, (_, index) => index));
    });
  });
}
