/** kafkajs without Parley: the same messages, as durable, in the same batches. */
import { Kafka, logLevel } from 'kafkajs';

const client = (brokers) => new Kafka({ brokers, clientId: 'bench', logLevel: logLevel.NOTHING });

/** An idempotent producer with acks of all replicas, on a topic that is made as Parley makes its own. */
export async function openBareProducer(brokers, topic) {
  const kafka = client(brokers);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 12 }] });
  await admin.disconnect();
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  return {
    append: (records) => producer.send({ topic, acks: -1, messages: records.map(messageOf) }),
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}

function messageOf({ id, type, source, key, subject, tenant, occurredAtMs, sequence, data }) {
  return {
    key,
    value: data,
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: type,
      ce_source: source,
      ce_time: new Date(occurredAtMs).toISOString(),
      ce_subject: subject,
      ce_dataschema: `urn:parley:schema:${type}`,
      ce_sequence: `${sequence}`,
      ce_tenant: tenant,
      'content-type': 'application/json; charset=utf-8',
    },
  };
}

/** Reads a topic from its beginning; commits each batch, as Parley does. @returns how to end it. */
export async function bareConsumer(brokers, topic, groupId, onReceived) {
  const consumer = client(brokers).consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      onReceived(batch.messages.length);
      const offset = `${BigInt(batch.lastOffset()) + 1n}`;
      await consumer.commitOffsets([{ topic, partition: batch.partition, offset }]);
    },
  });
  return () => consumer.disconnect();
}
