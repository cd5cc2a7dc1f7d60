import { eventLogContract, findServer, kafkaKind } from '@parley/testing';
import type { KafkaAddress, TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { openKafkaFixture } from './support/kafka-fixture.ts';

const kafka = await findServer(kafkaKind);

describe.skipIf(kafka.skip !== undefined)(kafka.title('Kafka'), () => {
  let server: TestServer<KafkaAddress>;
  beforeAll(async () => {
    server = await kafka.start();
  }, 180_000);
  afterAll(() => server[Symbol.asyncDispose]());
  eventLogContract('Kafka', () => openKafkaFixture(server.address));
});
