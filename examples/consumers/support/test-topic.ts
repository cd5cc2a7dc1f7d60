import { Kafka, logLevel } from 'kafkajs';
import { topics } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import type { EventPublisher } from '@parley/events/ports';
import { newUuid } from '@parley/kernel';

/** A conversation topic of its own, which a fleet and another program publish to. */
export interface TestTopic extends EventPublisher, AsyncDisposable {
  /** Its name in the cluster. */
  readonly name: string;
  /** Sends what no fleet sends; the topic is there after the first `append`. */
  sendForeign(key: string, value: string | null, headers?: Readonly<Record<string, string>>): Promise<void>;
}

/** Makes nothing yet: the topic comes with the first event. */
export async function openTestTopic(brokers: readonly string[]): Promise<TestTopic> {
  const topicPrefix = `${newUuid()}.`;
  const name = `${topicPrefix}${topics.conversation}`;
  const log = await openEventLog({ kafka: { brokers, topicPrefix }, file: '' });
  const producer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  return {
    name,
    append: (records) => log.append(records),
    sendForeign: async (key, value, headers = {}) => {
      await producer.send({ topic: name, messages: [{ key, value, headers: { ...headers } }] });
    },
    [Symbol.asyncDispose]: async () => {
      await producer.disconnect();
      await log[Symbol.asyncDispose]();
    },
  };
}
