import { join } from 'node:path';
import { aRecord, eventually, startScript, temporaryFolder } from '@parley/testing';
import { describe, expect, test } from 'vitest';
import { openSqliteEventLog } from '../src/open-sqlite-event-log.ts';
import type { ReceivedRecord } from '../src/ports.ts';

const appender = new URL('./support/appender.ts', import.meta.url);
const consumer = new URL('./support/consumer.ts', import.meta.url);
/** Long enough that a busy machine does not end it, short enough to wait for. */
const leaseMs = 1_500;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('three processes on one log', () => {
  test('append every record once, in order of its key, and a consumer gets them as they come', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    await using log = openSqliteEventLog(path);
    const received: ReceivedRecord[] = [];
    await log.subscribe({
      group: 'record',
      topics: ['test'],
      onBatch: async (batch) => void received.push(...batch),
    });
    await using first = startScript(appender, [path, 'a', '200']);
    await using second = startScript(appender, [path, 'b', '200']);
    await using third = startScript(appender, [path, 'c', '200']);
    await Promise.all([first, second, third].map((process) => process.done()));
    await eventually(() => expect(received).toHaveLength(600), { timeoutMs: 15_000 });
    expect(received.map(({ offset }) => offset)).toEqual(range(600));
    for (const key of ['a', 'b', 'c']) {
      const sequences = received.filter((record) => record.key === key).map(({ sequence }) => sequence);
      expect(sequences).toEqual(range(200));
    }
  });
});

describe('a consumer that is killed', () => {
  test('is followed by another member after its lease, and no record is left out', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    await using log = openSqliteEventLog(path, { leaseMs });
    await using victim = startScript(consumer, [path, `${leaseMs}`]);
    const append = async (sequences: readonly number[]): Promise<void> => {
      for (const sequence of sequences) await log.append([aRecord({ topic: 'test', key: 'a', sequence })]);
    };
    await append(range(10));
    await eventually(() => expect(victim.messages.length).toBeGreaterThanOrEqual(5), { timeoutMs: 15_000 });
    const handled: number[] = [];
    const successor = await log.subscribe({
      group: 'record',
      topics: ['test'],
      onBatch: async (batch) => void handled.push(...batch.map(({ sequence }) => sequence)),
    });
    await append(range(20).slice(10));
    await eventually(() => expect(victim.messages.length).toBeGreaterThanOrEqual(15), { timeoutMs: 15_000 });
    expect(handled, 'two members never work at once').toEqual([]);
    await victim.kill();
    await append(range(30).slice(20));
    await eventually(async () => expect(await successor.lag()).toBe(0), { timeoutMs: 15_000 });
    expect(handled).toEqual(range(30).slice(handled[0]));
    expect(new Set([...victim.messages, ...handled])).toEqual(new Set(range(30)));
    expect(handled[0], 'at most the batch in work comes again').toBeGreaterThanOrEqual(
      victim.messages.length - 3,
    );
  });
});
