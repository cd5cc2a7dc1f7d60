import { createHook } from 'node:async_hooks';
import { controlTopic, deadLetterTopic } from '@parley/contracts';
import { aRecord, eventually, findServer, kafkaKind } from '@parley/testing';
import type { KafkaAddress, TestServer } from '@parley/testing';
import { ConfigResourceTypes, Kafka, Partitioners, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restIdleConnections } from '../src/kafka/idle-timers.ts';
import type { ReceivedRecord, Subscription } from '../src/ports.ts';
import { DeafSockets } from './support/deaf-sockets.ts';
import { openKafkaFixture } from './support/kafka-fixture.ts';
import type { KafkaFixture } from './support/kafka-fixture.ts';
import { everythingIn, sequencesOf } from './support/read-log.ts';

const kafka = await findServer(kafkaKind);
const topic = 'parley.test.events.v1';
const patient = { timeoutMs: 30_000 };
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.skipIf(kafka.skip !== undefined)(kafka.title('the event log on Kafka'), () => {
  let server: TestServer<KafkaAddress>;
  let plain: Kafka;
  let admin: Admin;

  const warnings: string[] = [];
  const onWarning = ({ name }: Error): void => void warnings.push(name);

  beforeAll(async () => {
    process.on('warning', onWarning);
    // The plain client of this file comes first.
    restIdleConnections();
    server = await kafka.start();
    plain = new Kafka({ brokers: server.address.brokers, logLevel: logLevel.NOTHING });
    admin = plain.admin();
    await admin.connect();
  }, 180_000);
  afterAll(async () => {
    process.off('warning', onWarning);
    await admin.disconnect();
    await server[Symbol.asyncDispose]();
  });

  const nameIn = (fixture: KafkaFixture, inside: string): string => `${fixture.options.topicPrefix}${inside}`;

  describe('an append', () => {
    test('that is acknowledged is in the topic, also after one whose answer was lost', async () => {
      const sockets = new DeafSockets();
      const seams = { open: sockets.open, appendTimeoutMs: 3_000, requestTimeoutMs: 500 };
      await using fixture = await openKafkaFixture(server.address, seams);
      const append = (data: string): Promise<void> =>
        fixture.log.append([aRecord({ topic, key: 'a', data })]);
      // One that comes while the send before it is being given up fails with it, and is appended again.
      const appended = (data: string): Promise<void> => eventually(() => append(data), patient);
      await appended('0');
      sockets.deaf = true;
      await expect(append('1')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      sockets.deaf = false;
      await appended('2');
      await appended('3');
      const data = new Set((await everythingIn(fixture.log, topic)).map((record) => record.data));
      expect([...data].filter((text) => text !== '1')).toEqual(['0', '2', '3']);
    });

    test('that a topic finds too large is refused alone', async () => {
      await using fixture = await openKafkaFixture(server.address);
      const own = nameIn(fixture, topic);
      const configEntries = [{ name: 'max.message.bytes', value: '100000' }];
      await admin.createTopics({ topics: [{ topic: own, numPartitions: 1, configEntries }] });
      const small = range(8).map((sequence) =>
        aRecord({ topic, key: 'a', sequence, data: 'x'.repeat(30_000) }),
      );
      await fixture.log.append(small);
      const large = aRecord({ topic, key: 'a', data: 'x'.repeat(120_000) });
      await expect(fixture.log.append([large])).rejects.toMatchObject({
        code: 'payload_too_large',
        retryable: false,
      });
      await fixture.log.append([aRecord({ topic, key: 'a', sequence: 8 })]);
      expect(sequencesOf('a', await everythingIn(fixture.log, topic))).toEqual(range(9));
    });
  });

  describe('two members of a group', () => {
    test('share the keys, come and go, and leave out no record nor its order', async () => {
      await using fixture = await openKafkaFixture(server.address);
      const [logs, keys] = [[fixture.log, await fixture.connect()], range(6).map((key) => `key-${key}`)];
      const arrived: ReceivedRecord[][] = [[], []];
      const atWork = new Set<number>();
      const subscribe = (member: 0 | 1): Promise<Subscription> | undefined =>
        logs[member]?.subscribe({
          group: 'record',
          topics: [topic],
          batchSize: 5,
          onBatch: async (records) => {
            const { partition = -1 } = records[0] ?? {};
            expect(atWork.has(partition), 'one member per partition').toBe(false);
            atWork.add(partition);
            await new Promise((resolve) => setTimeout(resolve, 20));
            atWork.delete(partition);
            arrived[member]?.push(...records);
          },
        });
      const append = async (from: number, to: number): Promise<void> => {
        for (let sequence = from; sequence < to; sequence++)
          await fixture.log.append(keys.map((key) => aRecord({ topic, key, sequence })));
      };
      const first = await subscribe(0);
      await append(0, 20);
      await eventually(() => expect(arrived[0]?.length).toBeGreaterThan(0), patient);
      await using second = await subscribe(1);
      // Until the group has changed: a fast machine would be done before it has. Slower than the members work, who
      // else could have more before them than they can do in the time below.
      let next = 20;
      const more = async (): Promise<void> => {
        await append(next, next + 5);
        next += 5;
        expect(arrived[1]?.length).toBeGreaterThan(0);
      };
      await eventually(more, { ...patient, everyMs: 300 });
      await first?.[Symbol.asyncDispose]();
      const before = arrived[0]?.length;
      await append(next, next + 20);
      await eventually(async () => expect(await second?.lag()).toBe(0), patient);
      expect(arrived[0]).toHaveLength(before ?? -1);
      const inOrder = arrived.flat().toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
      for (const key of keys) {
        expect(sequencesOf(key, inOrder)).toEqual(range(next + 20));
        for (const member of arrived) expect(isAscending(member.filter((r) => r.key === key))).toBe(true);
      }
    });

    test('that change leave the batch in work to its handler, and a failing one to the other member', async () => {
      await using fixture = await openKafkaFixture(server.address, {});
      const other = await fixture.connect();
      await fixture.log.append([aRecord({ topic, key: 'a', data: 'poison for the first' })]);
      let failures = 0;
      let told = false;
      const first = await fixture.log.subscribe({
        group: 'record',
        topics: [topic],
        onBatch: async (_, signal) => {
          failures += 1;
          signal.addEventListener('abort', () => (told = true));
          throw new Error('the database of the first is away');
        },
      });
      await eventually(() => expect(failures).toBeGreaterThan(0), patient);
      const handled: string[] = [];
      // As many members as partitions: the first has to give some away.
      const others = await Promise.all(
        range(2).map(() =>
          other.subscribe({
            group: 'record',
            topics: [topic],
            onBatch: async (records) => void handled.push(...records.map(({ data }) => data)),
          }),
        ),
      );
      await eventually(() => expect(told).toBe(true), patient);
      await first[Symbol.asyncDispose]();
      await eventually(() => expect(handled).toEqual(['poison for the first']), patient);
      for (const subscription of others) await subscription[Symbol.asyncDispose]();
    });
  });

  describe('a topic', () => {
    test('that is not there is made as planned', async () => {
      await using fixture = await openKafkaFixture({
        ...server.address,
        topics: { partitions: 5, retentionMs: 3_600_000, deadLetterRetentionMs: 7_200_000 },
      });
      const made = [topic, deadLetterTopic(topic), controlTopic];
      await fixture.log.append(made.map((name) => aRecord({ topic: name })));
      const names = made.map((name) => nameIn(fixture, name));
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      const partitions = new Map(topics.map(({ name, partitions: all }) => [name, all.length]));
      expect(names.map((name) => partitions.get(name))).toEqual([5, 1, 1]);
      const wanted = ['cleanup.policy', 'retention.ms', 'compression.type', 'max.message.bytes'];
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({
          type: ConfigResourceTypes.TOPIC,
          name,
          configNames: wanted,
        })),
      });
      const settingsOf = (name: string) =>
        Object.fromEntries(
          resources
            .find(({ resourceName }) => resourceName === name)
            ?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? [],
        );
      const common = { 'compression.type': 'uncompressed', 'max.message.bytes': '16777216' };
      const [events, letters, control] = names.map(settingsOf);
      expect(events).toEqual({ ...common, 'cleanup.policy': 'delete', 'retention.ms': '3600000' });
      expect(letters).toEqual({ ...common, 'cleanup.policy': 'delete', 'retention.ms': '7200000' });
      expect(control).toMatchObject({ ...common, 'cleanup.policy': 'compact' });
    });

    test('that is there stays as it is, and a line says where it differs', async () => {
      await using fixture = await openKafkaFixture(server.address);
      const own = nameIn(fixture, topic);
      await admin.createTopics({ topics: [{ topic: own, numPartitions: 2 }] });
      await fixture.log.append([aRecord({ topic })]);
      const { topics } = await admin.fetchTopicMetadata({ topics: [own] });
      expect(topics[0]?.partitions).toHaveLength(2);
      expect(fixture.lines.all).toContainEqual(
        expect.stringMatching(/^info .*stays as it is.*"partitions":2,"configured":3/),
      );
    });

    test('that has been deleted is made again', async () => {
      await using fixture = await openKafkaFixture(server.address);
      await fixture.log.append([aRecord({ topic, data: 'gone' })]);
      await admin.deleteTopics({ topics: [nameIn(fixture, topic)] });
      await fixture.log.append([aRecord({ topic, data: 'new' })]);
      expect((await everythingIn(fixture.log, topic)).map(({ data }) => data)).toEqual(['new']);
    });
  });

  test('leaves its connections alone while nothing happens', async () => {
    await using fixture = await openKafkaFixture(server.address);
    await fixture.log.append([aRecord({ topic })]);
    await using _ = await fixture.log.subscribe({
      group: 'record',
      topics: [topic],
      onBatch: () => Promise.resolve(),
    });
    await eventually(() => expect(fixture.log.health().ok).toBe(true), patient);
    const timers = await timersSetWithin(500);
    // A connection that cannot rest sets 1000 a second.
    expect(timers).toBeLessThan(100);
    expect(warnings).toEqual([]);
  });

  describe('a record of another program', () => {
    test('comes as it is, and always under the same id', async () => {
      await using fixture = await openKafkaFixture(server.address);
      await fixture.log.append([aRecord({ topic, key: 'a' })]);
      const producer = plain.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      const own = nameIn(fixture, topic);
      const bytes = Buffer.from([0xff, 0xfe, 0x00]);
      await producer.send({
        topic: own,
        messages: [
          { key: null, value: bytes, partition: 0 },
          { key: 'k', value: null, partition: 0, headers: { ce_time: 'never', ce_sequence: '-5' } },
          { key: 'k', value: '{}', partition: 0, headers: { ce_id: ['x', 'y'], ce_type: bytes } },
        ],
      });
      await producer.disconnect();
      const received: ReceivedRecord[] = [];
      await using _ = await fixture.log.subscribe({
        group: 'record',
        topics: [topic],
        onBatch: async (records) => void received.push(...records),
      });
      await eventually(() => expect(received).toHaveLength(4), patient);
      const foreign = received.filter(({ type }) => type !== 'parley.turn.accepted.v1');
      expect(foreign).toMatchObject([
        { key: '', type: '', tenant: '', sequence: -1 },
        { key: 'k', data: '', type: '', sequence: -1 },
        { key: 'k', data: '{}', id: 'x' },
      ]);
      const read = await everythingIn(fixture.log, topic);
      expect(new Set(read.map(({ id }) => id))).toEqual(new Set(received.map(({ id }) => id)));
      expect(foreign[0]?.id).toBe(`${topic}/0/${foreign[0]?.offset}`);
    });
  });
});

/** How many timers this process sets in a time. */
async function timersSetWithin(ms: number): Promise<number> {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'Timeout') count += 1;
    },
  });
  hook.enable();
  await new Promise((resolve) => setTimeout(resolve, ms));
  hook.disable();
  return count;
}

function isAscending(records: readonly ReceivedRecord[]): boolean {
  return sequencesOf(records[0]?.key ?? '', records).every(
    (sequence, index, all) => index === 0 || sequence > (all[index - 1] ?? -1),
  );
}
