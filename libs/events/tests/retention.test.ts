import { controlTopic } from '@parley/contracts';
import { aRecord, eventually } from '@parley/testing';
import { connectSqlite, migrate } from '@parley/sqlite';
import { describe, expect, test } from 'vitest';
import type { EventLog, EventRecord } from '../src/ports.ts';
import { LogRetention } from '../src/sqlite/log-retention.ts';
import type { RetentionLimits } from '../src/sqlite/log-retention.ts';
import { eventsMigrations } from '../src/sqlite/schema.ts';
import { SqliteEventLog } from '../src/sqlite/sqlite-event-log.ts';

const day = 24 * 3_600_000;
const topic = 'test';

interface LogUnderTest extends AsyncDisposable {
  readonly log: EventLog;
  readonly retention: LogRetention;
  /** The log's time goes on. */
  wait(ms: number): void;
  left(): Promise<number[]>;
}

function openLog(limits: Partial<RetentionLimits>): LogUnderTest {
  const connection = connectSqlite(':memory:');
  migrate(connection.db, eventsMigrations);
  let now = 1_000 * day;
  const clock = { now: () => now };
  const retention = new LogRetention(connection, clock, { maxAgeMs: 7 * day, maxBytes: 1e9, ...limits });
  const log = new SqliteEventLog(connection, retention, clock, 10_000);
  return {
    log,
    retention,
    wait: (ms) => (now += ms),
    left: async () => (await log.read(topic, '', 10_000)).records.map(({ sequence }) => sequence),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}

function records(from: number, to: number, record: Partial<EventRecord> = {}): EventRecord[] {
  return Array.from({ length: to - from + 1 }, (_, i) =>
    aRecord({ topic, key: 'a', sequence: from + i, ...record }),
  );
}

async function handleAll(log: EventLog, group: string): Promise<void> {
  await using subscription = await log.subscribe({ group, topics: [topic], onBatch: async () => undefined });
  await eventually(async () => expect(await subscription.lag()).toBe(0));
}

describe('the log is cut', () => {
  test('where it is over age and every group has handled it', async () => {
    await using under = openLog({});
    await under.log.append(records(0, 2));
    await handleAll(under.log, 'record');
    under.wait(4 * day);
    await under.log.append(records(3, 4));
    await handleAll(under.log, 'record');
    under.wait(4 * day);
    expect(await under.retention.cut()).toBe(3);
    expect(await under.left()).toEqual([3, 4]);
  });

  test('never where a group has not come yet', async () => {
    await using under = openLog({ maxBytes: 1 });
    await under.log.append(records(0, 2));
    await handleAll(under.log, 'record');
    await handleAll(under.log, 'watch');
    await under.log.append(records(3, 4));
    await handleAll(under.log, 'watch');
    under.wait(30 * day);
    expect(await under.retention.cut()).toBe(3);
    expect(await under.left()).toEqual([3, 4]);
  });

  test('from its oldest record on until it is below its size', async () => {
    await using under = openLog({ maxBytes: 100_000 });
    await under.log.append(records(0, 9, { data: 'x'.repeat(20_000) }));
    await handleAll(under.log, 'record');
    await under.retention.cut();
    expect(await under.left()).toEqual([6, 7, 8, 9]);
    expect(await under.retention.cut()).toBe(0);
  });

  test('in many small steps, and offsets go on from where they were', async () => {
    await using under = openLog({});
    await under.log.append(records(0, 1_199));
    under.wait(8 * day);
    expect(await under.retention.cut()).toBe(1_200);
    await under.log.append(records(1_200, 1_200));
    const { records: left } = await under.log.read(topic, '', 10);
    expect(left).toMatchObject([{ offset: 1_200, sequence: 1_200 }]);
  });

  test('by key where the topic is compacted: the last record of each stays, however old', async () => {
    await using under = openLog({ maxBytes: 1 });
    const control = (key: string, data: string): EventRecord => aRecord({ topic: controlTopic, key, data });
    await under.log.append([control('a', '1'), control('b', '1'), control('a', '2'), control('c', '1')]);
    await under.log.append([control('c', '')]);
    under.wait(30 * day);
    expect(await under.retention.cut()).toBe(2);
    const { records: left } = await under.log.read(controlTopic, '', 10);
    expect(left.map(({ key, data }) => `${key}=${data}`)).toEqual(['b=1', 'a=2', 'c=']);
    expect(await under.retention.cut()).toBe(0);
  });

  test('and a group that comes later starts at the oldest record left', async () => {
    await using under = openLog({});
    await under.log.append(records(0, 2));
    under.wait(8 * day);
    await under.log.append(records(3, 3));
    await under.retention.cut();
    const handled: number[] = [];
    await using late = await under.log.subscribe({
      group: 'late',
      topics: [topic],
      onBatch: async (batch) => void handled.push(...batch.map(({ sequence }) => sequence)),
    });
    expect(await late.lag()).toBeLessThanOrEqual(1);
    await eventually(() => expect(handled).toEqual([3]));
    await eventually(async () => expect(await late.lag()).toBe(0));
  });
});
