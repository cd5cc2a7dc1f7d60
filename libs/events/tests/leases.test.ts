import { aRecord, eventually, temporaryFolder } from '@parley/testing';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqliteEventLog } from '../src/open-sqlite-event-log.ts';

const topic = 'test';

test('a batch that takes longer than the lease keeps it', async () => {
  await using log = openSqliteEventLog(':memory:', { leaseMs: 600 });
  await log.append([aRecord({ topic })]);
  const startedAt = performance.now();
  let handled = 0;
  const first = await log.subscribe({
    group: 'record',
    topics: [topic],
    onBatch: async () => {
      await eventually(() => expect(performance.now() - startedAt).toBeGreaterThan(1_500));
      handled += 1;
    },
  });
  let other = 0;
  await log.subscribe({ group: 'record', topics: [topic], onBatch: async () => void (other += 1) });
  await eventually(async () => expect(await first.lag()).toBe(0));
  expect({ handled, other }).toEqual({ handled: 1, other: 0 });
});

test('a member whose lease went to another is told by its signal, and moves the group no more', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'fleet.db');
  let skewMs = 0;
  // A clock that goes fast stands for a process that was suspended: to the others its lease is over.
  await using slow = openSqliteEventLog(path, { leaseMs: 3_000 });
  await using fast = openSqliteEventLog(path, {
    leaseMs: 300_000,
    clock: { now: () => Date.now() + skewMs },
  });
  await slow.append([aRecord({ topic, data: '0' }), aRecord({ topic, data: '1' })]);
  let told = false;
  let begun = false;
  const errors: unknown[] = [];
  await slow.subscribe({
    group: 'record',
    topics: [topic],
    batchSize: 1,
    onError: (error) => errors.push(error),
    onBatch: async (_, signal) => {
      begun = true;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      told = true;
    },
  });
  await eventually(() => expect(begun).toBe(true));
  skewMs = 60_000;
  const received: string[] = [];
  const successor = await fast.subscribe({
    group: 'record',
    topics: [topic],
    onBatch: async (batch) => void received.push(...batch.map(({ data }) => data)),
  });
  await eventually(() => expect(received).toEqual(['0', '1']));
  await eventually(() => expect(told).toBe(true));
  expect(await successor.lag()).toBe(0);
  expect(errors).toEqual([]);
});
