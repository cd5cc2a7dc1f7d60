import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slicePrompts } from './prompt-slices.ts';

const unread = (...tokens: number[]) => tokens.map((unreadTokens) => ({ unreadTokens }));

describe('the slices of a step', () => {
  it('give all to a single prompt', () => {
    expect(slicePrompts(unread(500), 128)).toEqual([128]);
    expect(slicePrompts(unread(20), 128)).toEqual([20]);
  });

  it('let short prompts pass a long one, which still gets a quarter', () => {
    expect(slicePrompts(unread(1000, 20, 30), 128)).toEqual([78, 20, 30]);
    expect(slicePrompts(unread(1000, 90, 90), 128)).toEqual([32, 90, 6]);
  });

  it('never exceed the budget or a prompt, use the budget up, and move the oldest on', () => {
    const prompts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(prompts, fc.integer({ min: 1, max: 256 }), (tokens, budget) => {
        const slices = slicePrompts(unread(...tokens), budget);
        const total = slices.reduce((sum, slice) => sum + slice, 0);
        expect(total).toBe(
          Math.min(
            budget,
            tokens.reduce((sum, count) => sum + count, 0),
          ),
        );
        expect(slices.every((slice, index) => slice >= 0 && slice <= (tokens[index] ?? 0))).toBe(true);
        expect(slices[0]).toBeGreaterThanOrEqual(Math.min(tokens[0] ?? 0, Math.ceil(budget / 4)));
      }),
    );
  });
});
