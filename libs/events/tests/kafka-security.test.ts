import { aRecord, eventually, findServer, kafkaSaslKind } from '@parley/testing';
import type { KafkaSaslAddress, TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KafkaLogin, KafkaOptions } from '../src/kafka/kafka-options.ts';
import { openKafkaFixture } from './support/kafka-fixture.ts';
import { everythingIn } from './support/read-log.ts';

const kafka = await findServer(kafkaSaslKind);
const topic = 'parley.test.events.v1';
const patient = { timeoutMs: 30_000 };

describe.skipIf(kafka.skip !== undefined)(kafka.title('a Kafka that lets only its users in'), () => {
  let server: TestServer<KafkaSaslAddress>;
  beforeAll(async () => {
    server = await kafka.start();
  }, 180_000);
  afterAll(() => server[Symbol.asyncDispose]());

  const optionsOf = (
    mechanism: KafkaLogin['mechanism'],
    password = server.address.password,
  ): KafkaOptions => {
    const { brokers, ca, username } = server.address;
    return { brokers, tls: { ca }, sasl: { mechanism, username, password } };
  };

  test.each(['plain', 'scram-sha-512'] as const)('is used over TLS as a user by %s', async (mechanism) => {
    await using fixture = await openKafkaFixture(optionsOf(mechanism));
    const arrived: string[] = [];
    await fixture.log.append([aRecord({ topic, data: 'secret' })]);
    await using subscription = await fixture.log.subscribe({
      group: 'record',
      topics: [topic],
      onBatch: async (records) => void arrived.push(...records.map(({ data }) => data)),
    });
    await eventually(() => expect(arrived).toEqual(['secret']), patient);
    expect(await everythingIn(fixture.log, topic)).toHaveLength(1);
    await eventually(async () => expect(await subscription.lag()).toBe(0), patient);
  });

  test.each(['plain', 'scram-sha-512'] as const)(
    'says so when the password is wrong (%s)',
    async (mechanism) => {
      const options = optionsOf(mechanism, 'not-the-password');
      await using fixture = await openKafkaFixture(options, { appendTimeoutMs: 3_000 });
      const append = fixture.log.append([aRecord({ topic, data: 'never shown' })]);
      await expect(append).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/user or the password/),
      });
      await eventually(() => expect(fixture.log.health().reason).toMatch(/user or the password/), patient);
      expect(fixture.lines.all.join('\n')).toMatch(/user or the password/);
      expect(fixture.lines.all.join('\n')).not.toMatch(/not-the-password|never shown/);
    },
  );

  test('says so when its certificate is of another authority', async () => {
    const { tls: _, ...options } = optionsOf('plain');
    await using fixture = await openKafkaFixture({ ...options, tls: {} }, { appendTimeoutMs: 3_000 });
    const append = fixture.log.append([aRecord({ topic })]);
    await expect(append).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/certificate/),
    });
  });
});
