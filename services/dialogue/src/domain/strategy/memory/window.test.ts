import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Speaker } from '../../turn/turn.ts';
import { exchangesOf, newestThatFit } from './window.ts';

const speakers: readonly Speaker[] = ['system', 'developer', 'user', 'assistant', 'tool'];
const messages = fc
  .array(fc.constantFrom(...speakers), { maxLength: 40 })
  .map((roles) => roles.map((role, id) => ({ role, id })));

describe('the exchanges of a conversation', () => {
  it('begin where the user speaks after somebody else', () => {
    const roles = ['system', 'assistant', 'user', 'user', 'assistant', 'tool', 'assistant', 'user'] as const;
    const { pinned, exchanges } = exchangesOf(roles.map((role) => ({ role })));
    expect(pinned).toEqual([{ role: 'system' }]);
    expect(exchanges.map(({ items }) => items.map(({ role }) => role))).toEqual([
      ['assistant'],
      ['user', 'user', 'assistant', 'tool', 'assistant'],
      ['user'],
    ]);
  });

  it('hold every message once, in order, whatever was said', () => {
    fc.assert(
      fc.property(messages, (items) => {
        const { pinned, exchanges } = exchangesOf(items);
        const isPinned = ({ role }: { role: Speaker }) => role === 'system' || role === 'developer';
        expect(pinned).toEqual(items.filter(isPinned));
        expect(exchanges.flatMap((exchange) => exchange.items)).toEqual(
          items.filter((item) => !isPinned(item)),
        );
        for (const exchange of exchanges.slice(1)) expect(exchange.items[0]?.role).toBe('user');
      }),
    );
  });
});

describe('a window', () => {
  const costs = fc.array(fc.nat({ max: 100 }), { maxLength: 30 });
  const sum = (some: readonly number[]) => some.reduce((total, cost) => total + cost, 0);

  it('takes as many of the newest as fit, and the newest in any case', async () => {
    await fc.assert(
      fc.asyncProperty(
        costs,
        fc.integer({ min: -10, max: 400 }),
        fc.integer({ min: 1, max: 40 }),
        async (newestFirst, tokens, exchanges) => {
          const taken = await newestThatFit(newestFirst, { tokens, exchanges });
          expect(taken).toBeGreaterThanOrEqual(Math.min(1, newestFirst.length));
          expect(taken).toBeLessThanOrEqual(Math.min(exchanges, newestFirst.length));
          if (taken > 1) expect(sum(newestFirst.slice(0, taken))).toBeLessThanOrEqual(tokens);
          const isAll = taken === newestFirst.length || taken === exchanges;
          if (!isAll) expect(sum(newestFirst.slice(0, taken + 1))).toBeGreaterThan(tokens);
        },
      ),
    );
  });

  it('does not count what is too old to be read', async () => {
    let counted = 0;
    function* endless(): Generator<number> {
      for (;;) {
        counted++;
        yield 10;
      }
    }
    expect(await newestThatFit(endless(), { tokens: 35, exchanges: Infinity })).toBe(3);
    expect(counted).toBe(4);
  });
});
