import { describe, expect, it, vi } from 'vitest';
import { repeat } from './repeat.ts';

describe('repeated work', () => {
  it('goes on after it failed, and is told of', async () => {
    const errors: unknown[] = [];
    let runs = 0;
    await using _repeating = repeat(
      1,
      () => (++runs === 1 ? Promise.reject(new Error('once')) : Promise.resolve()),
      (error) => errors.push(error),
    );
    await vi.waitUntil(() => runs >= 3);
    expect(errors).toEqual([new Error('once')]);
  });

  it('is told to stop and waited for', async () => {
    let ended = false;
    const repeating = repeat(
      60_000,
      async (signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        ended = true;
      },
      () => undefined,
    );
    await repeating[Symbol.asyncDispose]();
    expect(ended).toBe(true);
  });
});
