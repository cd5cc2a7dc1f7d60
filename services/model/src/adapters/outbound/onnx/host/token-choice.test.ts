import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SamplingSettings } from '../../../../ports/engine.ts';
import { TokenChoice } from './token-choice.ts';

/** Tokens 0 to 4; the likeliest is 2, then 1. */
const logits = [0, 2, 3, 1, -1];

function choose(settings: SamplingSettings, from: readonly number[] = logits, times = 1): number[] {
  const choice = new TokenChoice(settings, from.length);
  return Array.from({ length: times }, () => choice.choose(Float32Array.from(from)));
}

/** The tokens that come up in many draws. */
function drawn(settings: Omit<SamplingSettings, 'temperature'>, temperature = 1): number[] {
  return [...new Set(choose({ temperature, seed: 1, ...settings }, logits, 2000))].toSorted((a, b) => a - b);
}

describe('the choice of a token', () => {
  it('is the likeliest one without temperature, the first of equals', () => {
    expect(choose({ temperature: 0 })).toEqual([2]);
    expect(choose({ temperature: 0 }, [1, 5, 5])).toEqual([1]);
  });

  it('comes as often as its probability says', () => {
    const tokens = choose({ temperature: 1, seed: 3 }, logits, 20_000);
    const weights = logits.map((logit) => Math.exp(logit));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [token, weight] of weights.entries()) {
      const share = tokens.filter((other) => other === token).length / tokens.length;
      expect(share).toBeCloseTo(weight / total, 1);
    }
  });

  it('is made among the tokens that top-k, top-p and min-p leave', () => {
    expect(drawn({})).toEqual([0, 1, 2, 3, 4]);
    expect(drawn({ topK: 2 })).toEqual([1, 2]);
    expect(drawn({ topK: 1 })).toEqual([2]);
    // The likeliest has 64 % of the probability, the first two have 88 %.
    expect(drawn({ topP: 0.6 })).toEqual([2]);
    expect(drawn({ topP: 0.7 })).toEqual([1, 2]);
    // Of the likeliest one's probability the next ones have 37 %, 14 %, 5 % and 2 %.
    expect(drawn({ minP: 0.1 })).toEqual([1, 2, 3]);
    // The shares are those before the temperature.
    expect(drawn({ topP: 0.7 }, 2)).toEqual([1, 2]);
  });

  it('follows from the seed', () => {
    const settings = { temperature: 1, seed: 7 };
    expect(choose(settings, logits, 50)).toEqual(choose(settings, logits, 50));
    expect(choose(settings, logits, 50)).not.toEqual(choose({ temperature: 1, seed: 8 }, logits, 50));
  });

  it('avoids what was said already, as penalties ask', () => {
    expect(choose({ temperature: 0, presencePenalty: 1.5 }, logits, 3)).toEqual([2, 1, 2]);
    expect(choose({ temperature: 0, frequencyPenalty: 0.6 }, logits, 4)).toEqual([2, 2, 1, 2]);
    expect(choose({ temperature: 0, repeatPenalty: 4 }, logits, 3)).toEqual([2, 1, 3]);
    // A logit below zero becomes smaller by being multiplied.
    expect(choose({ temperature: 0, repeatPenalty: 4 }, [-1, -2], 2)).toEqual([0, 1]);
  });

  it('heeds biases, and refuses those on tokens that there are not', () => {
    const bias = (token: number, value: number) => ({ temperature: 0, logitBias: [[token, value] as const] });
    expect(choose(bias(2, -100))).toEqual([1]);
    expect(choose(bias(4, 100))).toEqual([4]);
    expect(() => choose(bias(5, 1))).toThrow(/Token 5 is not in the model's vocabulary of 5/);
  });

  it('cannot be made where no logit is a number', () => {
    const nothing = [Number.NaN, Number.NaN];
    expect(() => choose({ temperature: 0 }, nothing)).toThrow(/no token is possible/);
    expect(() => choose({ temperature: 1 }, nothing)).toThrow(/no token is possible/);
  });

  it('is a token of the vocabulary whatever the settings', () => {
    const settings = fc.record({
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      topP: fc.double({ min: 0, max: 1, noNaN: true }),
      topK: fc.nat(10),
      minP: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.nat(),
    });
    const values = fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(settings, values, (sampling, from) => {
        const [token = -1] = choose(sampling, from);
        expect(from[token]).toBeDefined();
      }),
    );
  });
});
