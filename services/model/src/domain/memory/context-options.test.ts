import { describe, expect, it } from 'vitest';
import { fakeInspection } from '../../ports/fake-engine.ts';
import { contextOptions, largestContext } from './context-options.ts';
import { memoryNeed } from './memory-need.ts';

const kibibyte = 1024;
/** 100 KiB of weights and 1 KiB of keys and values a token, trained with 4096 tokens. */
const model = {
  ...fakeInspection,
  trainedContextTokens: 4096,
  fileBytes: 100 * kibibyte,
  kvBytesPerToken: kibibyte,
  computeBytesPerToken: 0,
};
const room = (kib: number) => ({ bytes: kib * kibibyte, promptTokensPerStep: 128 });

describe('what fits into a machine', () => {
  it('is told for the usual contexts up to the one it was trained with', () => {
    expect(contextOptions(model, room(100 + 3 * 4096))).toEqual([
      { contextTokens: 2048, kvBytes: 2048 * kibibyte, totalBytes: 2148 * kibibyte, fittingSlots: 6 },
      { contextTokens: 4096, kvBytes: 4096 * kibibyte, totalBytes: 4196 * kibibyte, fittingSlots: 3 },
    ]);
    expect(contextOptions(model, room(99)).map(({ fittingSlots }) => fittingSlots)).toEqual([0, 0]);
    expect(contextOptions(model, room(10_000_000)).at(-1)?.fittingSlots).toBe(256);
  });

  it('is in any case as much context as there is room for', () => {
    expect(largestContext(model, room(100 + 1000))).toBe(1000);
    expect(largestContext({ ...model, contextGrain: 256 }, room(100 + 1000))).toBe(768);
    expect(largestContext(model, room(1_000_000))).toBe(4096);
    expect(largestContext(model, room(50))).toBe(0);
  });
});

describe('the memory of layers that see a window', () => {
  const windowed = {
    ...model,
    kvBytesPerToken: 10,
    windowKvBytesPerToken: 50,
    windowTokens: 512,
    contextGrain: 256,
  };
  const need = memoryNeed({ slots: 4 }, 0, windowed, 124);

  it('stops to grow where the window and a step are full', () => {
    expect(need.kvBytes(100)).toBe(256 * 60);
    expect(need.kvBytes(768)).toBe(768 * 60);
    expect(need.kvBytes(4096)).toBe(4096 * 10 + 768 * 50);
  });

  it('is told backwards as well: the tokens that fit', () => {
    for (const tokens of [0, 256, 512, 768, 1024, 4096]) {
      expect(need.fittingTokens(need.kvBytes(tokens))).toBe(tokens);
      if (tokens > 0) expect(need.fittingTokens(need.kvBytes(tokens) - 1)).toBe(tokens - 256);
    }
  });
});
