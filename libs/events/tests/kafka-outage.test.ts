import { aRecord, eventually, findOwnServer, kafkaKind } from '@parley/testing';
import type { KafkaAddress, OwnServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog, EventRecord, ReceivedRecord } from '../src/ports.ts';
import { openKafkaFixture } from './support/kafka-fixture.ts';
import { distinct, everythingIn, sequencesOf } from './support/read-log.ts';

const kafka = await findOwnServer(kafkaKind);
const topic = 'parley.test.events.v1';
/** A broker needs some seconds to start, more on a busy machine; then its members have to find each other again. */
const patient = { timeoutMs: 120_000, everyMs: 50 };
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.skipIf(kafka.skip !== undefined)(kafka.title('a broker that dies'), { timeout: 300_000 }, () => {
  let broker: OwnServer<KafkaAddress>;
  beforeAll(async () => {
    broker = await kafka.start();
  }, 180_000);
  afterAll(() => broker[Symbol.asyncDispose]());

  test('in the middle of appends and of a group loses nothing that was acknowledged, nor its order', async () => {
    await using fixture = await openKafkaFixture(broker.address);
    const arrived: ReceivedRecord[] = [];
    const subscription = await (
      await fixture.connect()
    ).subscribe({
      group: 'record',
      topics: [topic],
      partitionsAtOnce: 3,
      onBatch: async (records) => void arrived.push(...records),
    });
    const stop = new AbortController();
    const keys = ['a', 'b', 'c', 'd'].map((key) => new Appender(fixture.log, key));
    const appending = keys.map((key) => key.run(stop.signal));
    for (const round of [1, 2]) {
      const before = keys.map(({ acknowledged }) => acknowledged.length);
      await eventually(() => {
        for (const [index, { acknowledged }] of keys.entries())
          expect(acknowledged.length, `round ${round}`).toBeGreaterThan((before[index] ?? 0) + 20);
      }, patient);
      await broker.kill();
      await broker.start();
    }
    const before = keys.map(({ acknowledged }) => acknowledged.length);
    await eventually(() => {
      for (const [index, { acknowledged }] of keys.entries())
        expect(acknowledged.length).toBeGreaterThan((before[index] ?? 0) + 20);
    }, patient);
    stop.abort();
    await Promise.all(appending);
    const all = keys.flatMap(({ acknowledged }) => acknowledged);
    const read = await everythingIn(fixture.log, topic);
    for (const { key, acknowledged } of keys)
      expect(sequencesOf(key, read), 'in the topic').toEqual(range(acknowledged.length));
    await eventually(() => expect(distinct(arrived)).toHaveLength(all.length), patient);
    for (const { key, acknowledged } of keys)
      expect(sequencesOf(key, arrived), 'at the consumer').toEqual(range(acknowledged.length));
    await eventually(async () => expect(await subscription.lag()).toBe(0), patient);
  });

  test('before a log is opened holds up nobody: what was asked for happens when it comes', async () => {
    await broker.kill();
    await using fixture = await openKafkaFixture(broker.address, { appendTimeoutMs: 1_500 });
    const arrived: string[] = [];
    const errors: unknown[] = [];
    const subscription = await fixture.log.subscribe({
      group: 'record',
      topics: [topic],
      onBatch: async (records) => void arrived.push(...records.map(({ data }) => data)),
      onError: (error) => errors.push(error),
    });
    const record = aRecord({ topic, data: 'once' });
    await expect(fixture.log.append([record])).rejects.toMatchObject({ code: 'unavailable' });
    await expect(subscription.lag()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(fixture.log.read(topic, '', 1)).rejects.toMatchObject({ code: 'unavailable' });
    await eventually(() => expect(errors).not.toEqual([]), patient);
    expect(fixture.log.health()).toEqual({ ok: false, reason: expect.stringMatching(/ECONNREFUSED/) });
    const warnings = fixture.lines.all.filter((line) => line.startsWith('warn The event log'));
    expect(warnings).toHaveLength(1);
    await broker.start();
    await eventually(() => fixture.log.append([record]), patient);
    await eventually(() => expect(new Set(arrived)).toEqual(new Set(['once'])), patient);
    expect(fixture.log.health()).toEqual({ ok: true, reason: '' });
    expect(fixture.lines.all).toContain('info The event log answers again {}');
  });

  test('does not hold up the end of a log', async () => {
    const fixture = await openKafkaFixture(broker.address);
    await fixture.log.append([aRecord({ topic })]);
    await fixture.log.subscribe({ group: 'record', topics: [topic], onBatch: () => Promise.resolve() });
    await fixture.log.read(topic, '', 1);
    await broker.kill();
    const append = fixture.log.append([aRecord({ topic })]);
    const failing = expect(append).rejects.toMatchObject({ code: 'unavailable' });
    const startedAt = performance.now();
    await fixture[Symbol.asyncDispose]();
    await failing;
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    await broker.start();
  });
});

/** A relay in small: appends the records of one key one after another, each until it is acknowledged. */
class Appender {
  readonly acknowledged: EventRecord[] = [];
  readonly #log: EventLog;
  readonly key: string;

  constructor(log: EventLog, key: string) {
    this.#log = log;
    this.key = key;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const record = aRecord({ topic, key: this.key, sequence: this.acknowledged.length });
      await eventually(() => this.#log.append([record]), patient);
      this.acknowledged.push(record);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
