import { aRecord, eventLogContract, findServer, kafkaKind } from '@parley/testing';
import type { KafkaAddress, TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openKafkaFixture } from './support/kafka-fixture.ts';

const kafka = await findServer(kafkaKind);
const topic = 'parley.test.events.v1';

describe.skipIf(kafka.skip !== undefined)(kafka.title('Kafka'), () => {
  let server: TestServer<KafkaAddress>;
  beforeAll(async () => {
    server = await kafka.start();
  }, 180_000);
  afterAll(() => server[Symbol.asyncDispose]());
  eventLogContract('Kafka', () => openKafkaFixture(server.address));

  test('a member takes as many partitions at once as it asks for, and ends when all their batches have', async () => {
    await using fixture = await openKafkaFixture(server.address);
    const keys = Array.from({ length: 16 }, (_, n) => `key-${n}`);
    await fixture.log.append(keys.map((key) => aRecord({ topic, key })));
    const atWork = new Set<number>();
    const [together, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let handled = 0;
    const subscription = await fixture.log.subscribe({
      group: 'record',
      topics: [topic],
      partitionsAtOnce: 3,
      onBatch: async (records) => {
        atWork.add(records[0]?.partition ?? -1);
        if (atWork.size === 3) together.resolve();
        await gate.promise;
        handled += records.length;
      },
    });
    await together.promise;
    const ending = subscription[Symbol.asyncDispose]();
    gate.resolve();
    await ending;
    expect(handled).toBe(keys.length);
  });
});
