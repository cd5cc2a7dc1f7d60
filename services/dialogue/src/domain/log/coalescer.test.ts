import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@parley/kernel';
import { Coalescer } from './coalescer.ts';
import type { Pace } from './coalescer.ts';

describe('a coalescer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function counting(pace: Pace): { coalescer: Coalescer; flushes: () => number } {
    let flushes = 0;
    return {
      coalescer: new Coalescer(
        () => pace,
        () => flushes++,
        systemClock,
      ),
      flushes: () => flushes,
    };
  }

  it('flushes the first token at once', () => {
    const { coalescer, flushes } = counting({ intervalMs: 25, tokens: 16, firstAtOnce: true });
    coalescer.add(1);
    expect(flushes()).toBe(1);
  });

  it('gathers the first ones too where nobody waits for them', () => {
    const { coalescer, flushes } = counting({ intervalMs: 200, tokens: 128, firstAtOnce: false });
    coalescer.add(1);
    coalescer.add(1);
    vi.advanceTimersByTime(199);
    expect(flushes()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(flushes()).toBe(1);
  });

  it('gathers what follows within 25 ms', () => {
    const { coalescer, flushes } = counting({ intervalMs: 25, tokens: 16, firstAtOnce: true });
    for (let token = 0; token < 10; token++) coalescer.add(1);
    vi.advanceTimersByTime(24);
    expect(flushes()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(flushes()).toBe(2);
  });

  it('flushes earlier when 16 tokens have gathered', () => {
    const { coalescer, flushes } = counting({ intervalMs: 25, tokens: 16, firstAtOnce: true });
    coalescer.add(1);
    coalescer.add(15);
    expect(flushes()).toBe(1);
    coalescer.add(1);
    expect(flushes()).toBe(2);
    vi.advanceTimersByTime(100);
    expect(flushes()).toBe(2);
  });

  it('does not hold back what comes slower than that', () => {
    const { coalescer, flushes } = counting({ intervalMs: 25, tokens: 16, firstAtOnce: true });
    for (let token = 1; token <= 5; token++) {
      coalescer.add(1);
      expect(flushes()).toBe(token);
      vi.advanceTimersByTime(30);
    }
  });

  it('flushes nothing once it is stopped', () => {
    const { coalescer, flushes } = counting({ intervalMs: 25, tokens: 16, firstAtOnce: true });
    coalescer.add(1);
    coalescer.add(1);
    coalescer.stop();
    vi.advanceTimersByTime(100);
    expect(flushes()).toBe(1);
  });

  it('without an end to its pace waits for ever', () => {
    const { coalescer, flushes } = counting({ intervalMs: Infinity, tokens: Infinity, firstAtOnce: false });
    for (let token = 0; token < 1_000; token++) coalescer.add(1);
    vi.advanceTimersByTime(3_600_000);
    expect(flushes()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
