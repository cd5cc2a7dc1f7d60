/** Prints one line for every turn that has ended: the conversation, how it ended, its tokens. */
import { Kafka, logLevel } from 'kafkajs';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';

const topic = process.env.TOPIC ?? 'parley.conversation.events.v1';

/** Every turn has exactly one event of one of these types. */
const endings = new Map([
  ['parley.turn.completed.v1', 'completed'],
  ['parley.turn.failed.v1', 'failed'],
  ['parley.turn.cancelled.v1', 'cancelled'],
  ['parley.turn.incomplete.v1', 'incomplete'],
]);

interface ParleyEvent {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly sequence: number;
  readonly data: string;
}

function eventOf({ key, headers, value }: KafkaMessage): ParleyEvent {
  const header = (name: string) => String(headers?.[name] ?? '');
  const sequence = Number(header('ce_sequence'));
  return { id: header('ce_id'), type: header('ce_type'), key: String(key), sequence, data: String(value) };
}

/** Events are sent again after a fault. Remembers the last 10,000 ids: enough, since repeats come soon. */
const seen = new Set<string>();

function isNew({ id }: ParleyEvent): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const [oldest] = seen;
  if (seen.size > 10_000 && oldest !== undefined) seen.delete(oldest);
  return true;
}

/** The work: whatever you do with an event. It may see an event again after a crash, so it must not mind. */
function handle({ type, key, data }: ParleyEvent): void {
  const status = endings.get(type);
  if (status === undefined) return;
  const { usage } = JSON.parse(data);
  // JSON of proto3 leaves out what is 0, '' or empty.
  console.log(`${key} ${status} ${usage?.inputTokens ?? 0}+${usage?.outputTokens ?? 0} tokens`);
}

const kafka = new Kafka({
  clientId: 'turns-example',
  brokers: (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(','),
  logLevel: logLevel.ERROR,
  // Long enough for a broker that restarts.
  retry: { retries: 30, maxRetryTime: 2_000 },
});
const consumer = kafka.consumer({
  groupId: process.env.GROUP ?? 'turns-example',
  // How long the group waits for a member that died without a word.
  sessionTimeout: 10_000,
});

async function eachBatch({ batch }: EachBatchPayload): Promise<void> {
  const byKey = Map.groupBy(batch.messages.map(eventOf), ({ key }) => key);
  for (const events of byKey.values()) {
    for (const event of events.sort((a, b) => a.sequence - b.sequence)) {
      try {
        if (isNew(event)) handle(event);
      } catch (error) {
        // An event that cannot be read now cannot be read later either: say so and go on.
        console.error(`skipped ${event.type} ${event.id}:`, error);
      }
    }
  }
  // Only now, after the work: what a crash interrupts comes again.
  const offset = String(BigInt(batch.lastOffset()) + 1n);
  await consumer.commitOffsets([{ topic, partition: batch.partition, offset }]);
}

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({ autoCommit: false, eachBatch });
// A consumer that has given up must not look like one that was stopped.
consumer.on(consumer.events.CRASH, ({ payload }) => (process.exitCode = payload.restart ? 0 : 1));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void consumer.disconnect());
