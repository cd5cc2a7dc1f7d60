import { controlTopic } from '@parley/contracts/event-types';
import type { Admin } from 'kafkajs';
import { isUnknownTopic } from './kafka-errors.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import type { KafkaTopicOptions } from './kafka-options.ts';
import type { LogLines } from './log-lines.ts';
import type { TopicNames } from './topic-names.ts';

/** What a topic is to be made with. */
export interface TopicPlan {
  readonly partitions: number;
  /** 0 = three, or as many as there are brokers. */
  readonly replication: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** Far above any event: requests end at 4 MiB, answers are shorter. Kafka's own limit is 1 MiB. */
const largestRecordBytes = 16 * 1024 * 1024;
const usualReplication = 3;
const deadLetters = /\.dlq$/;

/** What a topic of the fleet is made with, by its name. */
export function planTopic(topic: string, options: KafkaTopicOptions): TopicPlan {
  const { partitions, replication, retentionMs, deadLetterRetentionMs } = options;
  const common = {
    'max.message.bytes': `${largestRecordBytes}`,
    // kafkajs cannot read what another program compressed with zstd, lz4 or snappy.
    'compression.type': 'uncompressed',
  };
  if (topic === controlTopic)
    return { partitions: 1, replication, settings: { ...common, 'cleanup.policy': 'compact' } };
  const retention = (ms: number) => ({ ...common, 'cleanup.policy': 'delete', 'retention.ms': `${ms}` });
  // One partition, so that dead letters are read in the order in which they came.
  if (deadLetters.test(topic))
    return { partitions: 1, replication, settings: retention(deadLetterRetentionMs) };
  return { partitions, replication, settings: retention(retentionMs) };
}

/** Makes the topics that are used and not there yet. */
export class TopicKeeper {
  readonly #admin: KafkaAdmin;
  readonly #names: TopicNames;
  readonly #options: KafkaTopicOptions;
  readonly #lines: LogLines;
  readonly #known = new Set<string>();
  #making: Promise<void> = Promise.resolve();

  constructor(admin: KafkaAdmin, names: TopicNames, options: KafkaTopicOptions, lines: LogLines) {
    this.#admin = admin;
    this.#names = names;
    this.#options = options;
    this.#lines = lines;
  }

  /**
   * Resolves when all these topics can be used.
   * @throws ParleyError `unavailable`.
   */
  async require(topics: readonly string[]): Promise<void> {
    if (topics.every((topic) => this.#known.has(topic))) return;
    const making = this.#making.then(
      () => this.#make(topics),
      () => this.#make(topics),
    );
    this.#making = making.catch(() => undefined);
    await making;
  }

  /** Says that topics may have gone, so that they are looked for before they are used again. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.#known.delete(topic);
  }

  async #make(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      if (this.#known.has(topic)) continue;
      await this.#admin.ask(`topic ${topic}`, (admin) => this.#find(admin, topic));
      this.#known.add(topic);
    }
  }

  async #find(admin: Admin, topic: string): Promise<void> {
    const name = this.#names.outside(topic);
    const found = await partitionsOf(admin, name);
    const plan = planTopic(topic, this.#options);
    if (found === undefined) return this.#create(admin, name, plan);
    if (found !== plan.partitions) {
      const details = { topic: name, partitions: found, configured: plan.partitions };
      this.#lines.info(details, 'A Kafka topic has other partitions than configured; it stays as it is');
    }
  }

  async #create(admin: Admin, name: string, plan: TopicPlan): Promise<void> {
    const { brokers } = await admin.describeCluster();
    const replicas = plan.replication || Math.min(usualReplication, brokers.length);
    // One broker less than all may be away: with three replicas a record is on two disks when it is acknowledged.
    const settings = { ...plan.settings, 'min.insync.replicas': `${Math.max(1, replicas - 1)}` };
    const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
    const topic = { topic: name, numPartitions: plan.partitions, replicationFactor: replicas, configEntries };
    const made = await admin.createTopics({ topics: [topic], waitForLeaders: true });
    // Another process was first; its topic may not have leaders yet.
    if (!made) await admin.fetchTopicMetadata({ topics: [name] });
    else this.#lines.info({ topic: name, partitions: plan.partitions, replicas }, 'Kafka topic made');
  }
}

async function partitionsOf(admin: Admin, name: string): Promise<number | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    return topics[0]?.partitions.length;
  } catch (error) {
    if (isUnknownTopic(error)) return undefined;
    throw error;
  }
}
