import { freePorts } from './free-ports.ts';
import { clusterId, findKafka, kafkaStarted, kafkaVersion, startKafkaProcess } from './kafka-process.ts';
import { kafkaSettings } from './kafka-settings.ts';
import type { OwnServer, ServerKind, TestServer } from './server-kind.ts';

/** How to reach a Kafka cluster. */
export interface KafkaAddress {
  /** `host:port` each. */
  readonly brokers: string[];
}

/** One broker without transport security, where topics are made by whoever needs them. */
export const kafkaKind: ServerKind<KafkaAddress> = {
  name: 'Kafka',
  variable: 'PARLEY_TEST_KAFKA_BROKERS',
  program: `Kafka ${kafkaVersion} with Java`,
  find: findKafka,
  parse: (text) => ({ brokers: text.split(',').map(brokerOf) }),
  startContainer,
  startProgram,
};

function brokerOf(text: string): string {
  const { hostname, port } = new URL(`kafka://${text.trim()}`);
  return `${hostname}:${port || 9092}`;
}

/** The same port inside and outside: the broker tells its clients where it is. */
async function startContainer(): Promise<TestServer<KafkaAddress>> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const [port = 0] = await freePorts(1);
  const settings = kafkaSettings({ plain: `127.0.0.1:${port}`, controller: 'localhost:9093' });
  const listeners = { listeners: `PLAIN://:${port},CONTROLLER://localhost:9093` };
  const container = await new GenericContainer(`apache/kafka:${kafkaVersion}`)
    .withEnvironment({
      CLUSTER_ID: clusterId,
      KAFKA_HEAP_OPTS: '-Xmx512m',
      ...environmentOf({ ...settings, ...listeners }),
    })
    .withExposedPorts({ container: port, host: port })
    .withWaitStrategy(Wait.forLogMessage(kafkaStarted))
    .start();
  return {
    address: { brokers: [`127.0.0.1:${port}`] },
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  };
}

/** Settings as the image takes them: `num.io.threads` is `KAFKA_NUM_IO_THREADS`. */
function environmentOf(settings: Readonly<Record<string, string>>): Record<string, string> {
  const variable = (name: string): string => `KAFKA_${name.replaceAll('.', '_').toUpperCase()}`;
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [variable(name), value]));
}

async function startProgram(libs: string): Promise<OwnServer<KafkaAddress>> {
  const server = await startKafkaProcess(libs);
  return { ...server, address: { brokers: [`127.0.0.1:${server.address.port}`] } };
}
