import type { instance } from '@parley/contracts';

/** What a healthy instance says about itself, and what a test changes of it. */
export function describeAnswer(change: Partial<instance.DescribeResponse>): instance.DescribeResponse {
  const startedAt = new Date(Date.UTC(2026, 0, 1));
  const process = { instanceId: 'i1', version: '1.2.3', startedAt, residentMemoryBytes: 1_000_000 };
  return { service: 'model', ...process, ready: true, checks: [], ...change };
}
