import type { ServerCall } from '@parley/grpc';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { turnTimeoutOf } from './call-deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it.each([
  [Number.POSITIVE_INFINITY, undefined],
  [30_000, 29_500],
  [1000, 900],
  [10, 9],
  [0, 1],
  [-5000, 1],
])('of a deadline in %d ms, %d ms are for the turn', (inMs, timeoutMs) => {
  const call = { getDeadline: () => Date.now() + inMs };
  expect(turnTimeoutOf(call as unknown as ServerCall)).toBe(timeoutMs);
});
