import { describe, expect, it } from 'vitest';
import { samplerConfig } from './sampler-config.ts';

const limits = { contextTokens: 2048, vocabularySize: 100 };

describe('the sampler', () => {
  it('gets only what is asked for', () => {
    expect(samplerConfig({ temperature: 0, seed: 4, topP: 1, topK: 0, minP: 0 }, limits)).toEqual({
      temperature: 0,
      seed: 4,
    });
  });

  it('draws another seed for every answer without one', () => {
    const seeds = new Set(Array.from({ length: 20 }, () => samplerConfig({ temperature: 1 }, limits).seed));
    expect(seeds.size).toBeGreaterThan(15);
  });

  it('looks at the last tokens for the repeat penalty, at the whole answer for the others', () => {
    expect(samplerConfig({ temperature: 1, repeatPenalty: 1.1 }, limits)).toMatchObject({
      repeatPenalty: 1.1,
      repeatPenaltyMaxTokens: 64,
    });
    expect(samplerConfig({ temperature: 1, frequencyPenalty: 0.5 }, limits)).toMatchObject({
      repeatPenalty: 1,
      repeatPenaltyFrequencyPenalty: 0.5,
      repeatPenaltyMaxTokens: 2048,
    });
  });

  it('refuses a bias on a token that does not exist', () => {
    expect(samplerConfig({ temperature: 1, logitBias: [[99, -100]] }, limits)).toMatchObject({
      tokenBiasKeys: Uint32Array.of(99),
      tokenBiasValues: Float32Array.of(-100),
    });
    expect(() => samplerConfig({ temperature: 1, logitBias: [[100, 1]] }, limits)).toThrow(/Token 100/);
  });
});
