import { Kafka, logLevel } from 'kafkajs';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { findOwnServer, kafkaKind, kafkaSaslKind } from '../src/index.ts';
import type { KafkaSaslAddress } from '../src/index.ts';

const found = await findOwnServer(kafkaKind);
const foundSasl = await findOwnServer(kafkaSaslKind);

const topic = 'kept';

/** Two starts of a broker on a busy machine. */
const timeout = 180_000;

/** Makes a topic where there is none. @returns how many messages it has. */
async function count(config: KafkaConfig, retries = 5): Promise<number> {
  const admin = new Kafka({ ...config, logLevel: logLevel.NOTHING, retry: { retries } }).admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
    const [partition] = await admin.fetchTopicOffsets(topic);
    return Number(partition?.high);
  } finally {
    await admin.disconnect();
  }
}

interface Login {
  readonly mechanism: 'plain' | 'scram-sha-512';
  readonly password: string;
  readonly ca: string | undefined;
}

/** Always a new object: kafkajs keeps the password of its first use in the one that it is given. */
function withLogin({ brokers, username }: KafkaSaslAddress, { mechanism, password, ca }: Login): KafkaConfig {
  const sasl: SASLOptions = { mechanism, username, password };
  return { brokers, ssl: ca === undefined ? true : { ca }, sasl };
}

async function send(config: KafkaConfig): Promise<void> {
  const producer = new Kafka({ ...config, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: [{ value: 'x' }] });
  } finally {
    await producer.disconnect();
  }
}

describe.skipIf(found.skip !== undefined)(found.title('Kafka for tests'), () => {
  test('keeps what was acknowledged when it is killed', { timeout }, async () => {
    await using server = await found.start();
    expect(await count(server.address)).toBe(0);
    await send(server.address);
    await server.kill();
    await expect(count(server.address, 0)).rejects.toThrow('ECONNREFUSED');
    await server.start();
    expect(await count(server.address)).toBe(1);
  });
});

describe.skipIf(foundSasl.skip !== undefined)(foundSasl.title('Kafka with TLS and SASL for tests'), () => {
  test(
    'lets in who trusts its certificate and knows the password, by PLAIN and by SCRAM',
    { timeout },
    async () => {
      await using server = await foundSasl.start();
      const { ca, password } = server.address;
      expect(await count(withLogin(server.address, { mechanism: 'scram-sha-512', password, ca }))).toBe(0);
      const plain = { mechanism: 'plain', password, ca } as const;
      await send(withLogin(server.address, plain));
      await server.kill();
      await server.start();
      expect(await count(withLogin(server.address, plain))).toBe(1);
      const stranger = withLogin(server.address, { ...plain, password: 'wrong' });
      await expect(count(stranger, 0)).rejects.toThrow('Authentication failed');
      const trustless = withLogin(server.address, { ...plain, ca: undefined });
      await expect(count(trustless, 0)).rejects.toThrow('self-signed certificate');
    },
  );
});
