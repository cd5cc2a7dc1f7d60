import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallWatch } from './stall-watch.ts';

describe('a stall', () => {
  let stalls = 0;
  let watch: StallWatch;

  beforeEach(() => {
    vi.useFakeTimers();
    stalls = 0;
    watch = new StallWatch(1000);
    watch.onStalled = () => (stalls += 1);
  });

  afterEach(() => {
    watch[Symbol.dispose]();
    vi.useRealTimers();
  });

  it('is what was given and not taken for the whole time', () => {
    watch.given();
    vi.advanceTimersByTime(999);
    expect(stalls).toBe(0);
    vi.advanceTimersByTime(1);
    expect(stalls).toBe(1);
  });

  it('is not the silence of a log, however long', () => {
    watch.given();
    watch.taken();
    vi.advanceTimersByTime(5000);
    watch.given();
    vi.advanceTimersByTime(500);
    watch.taken();
    vi.advanceTimersByTime(5000);
    expect(stalls).toBe(0);
  });

  it('is counted from the last that was given', () => {
    watch.given();
    watch.taken();
    vi.advanceTimersByTime(900);
    watch.given();
    vi.advanceTimersByTime(900);
    expect(stalls).toBe(0);
    vi.advanceTimersByTime(100);
    expect(stalls).toBe(1);
  });

  it('is none once the stream has ended', () => {
    watch.given();
    watch[Symbol.dispose]();
    vi.advanceTimersByTime(5000);
    expect(stalls).toBe(0);
  });
});
