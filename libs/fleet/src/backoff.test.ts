import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

describe('the delay before a restart', () => {
  it('doubles from 250 ms to at most 10 s', () => {
    const backoff = new Backoff();
    const delays = Array.from({ length: 8 }, () => backoff.next(10));
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('is short again after a run of 60 s', () => {
    const backoff = new Backoff();
    backoff.next(10);
    backoff.next(10);
    expect(backoff.next(60_000)).toBe(250);
    expect(backoff.next(59_999)).toBe(500);
  });
});
