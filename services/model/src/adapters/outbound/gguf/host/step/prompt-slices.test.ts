import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slicePrompts, tileTokens } from './prompt-slices.ts';

const unread = (...tokens: number[]) => tokens.map((unreadTokens) => ({ unreadTokens }));

describe('the slices of a step', () => {
  it('give all to a single prompt', () => {
    expect(slicePrompts(unread(500), 128, 0)).toEqual([128]);
    expect(slicePrompts(unread(20), 128, 3)).toEqual([20]);
  });

  it('let short prompts pass a long one, which comes first in every fourth step', () => {
    expect(slicePrompts(unread(1000, 20, 30), 128, 0)).toEqual([78, 20, 30]);
    expect(slicePrompts(unread(1000, 90, 90), 128, 1)).toEqual([0, 90, 0]);
    expect(slicePrompts(unread(1000, 90, 90), 160, 1)).toEqual([0, 90, 70]);
    expect(slicePrompts(unread(1000, 90, 90), 128, 3)).toEqual([128, 0, 0]);
  });

  it('never exceed the budget or a prompt, are whole tiles but for one, and move the oldest on', () => {
    const prompts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(prompts, fc.integer({ min: 1, max: 256 }), fc.nat(100), (tokens, budget, step) => {
        const all = tokens.reduce((sum, count) => sum + count, 0);
        let oldest = 0;
        for (let at = step; at < step + 4; at++) {
          const slices = slicePrompts(unread(...tokens), budget, at);
          const sum = slices.reduce((total, slice) => total + slice, 0);
          expect(sum).toBeLessThanOrEqual(Math.min(budget, all));
          expect(sum).toBeGreaterThan(Math.min(budget, all) - tileTokens);
          expect(slices.every((slice, index) => slice >= 0 && slice <= (tokens[index] ?? 0))).toBe(true);
          // Only one of those that are read from is not read to its end.
          const begun = slices.filter((slice, index) => slice > 0 && slice < (tokens[index] ?? 0));
          expect(begun.length).toBeLessThanOrEqual(1);
          oldest = Math.max(oldest, slices[0] ?? 0);
        }
        expect(oldest).toBe(Math.min(tokens[0] ?? 0, budget));
      }),
    );
  });
});
