import { sleep } from '@parley/kernel';
import type {
  EventLog,
  EventLogHealth,
  EventPage,
  EventRecord,
  SubscribeOptions,
  Subscription,
} from '../ports.ts';
import { GroupLag } from './group-lag.ts';
import { KafkaAdmin } from './kafka-admin.ts';
import { KafkaAppender } from './kafka-appender.ts';
import { KafkaClients } from './kafka-clients.ts';
import type { ClientSeams } from './kafka-clients.ts';
import { KafkaHealth } from './kafka-health.ts';
import { defaultTopics } from './kafka-options.ts';
import type { KafkaOptions } from './kafka-options.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { KafkaSubscription } from './kafka-subscription.ts';
import type { SubscriptionParts } from './kafka-subscription.ts';
import type { LogLines } from './log-lines.ts';
import { TopicFetcher } from './topic-fetcher.ts';
import { TopicKeeper } from './topic-keeper.ts';
import { TopicNames } from './topic-names.ts';
import { TopicReader } from './topic-reader.ts';

/** What tests do otherwise. */
export interface KafkaSeams extends ClientSeams {
  /** How long an append waits; default 30 s. */
  readonly appendTimeoutMs?: number;
}

/** How often a cluster that does not answer is asked, where nothing else asks it. */
const probeMs = 2_000;

/** The event log in the topics of a Kafka cluster. */
export class KafkaEventLog implements EventLog {
  readonly #parts: SubscriptionParts;
  readonly #admin: KafkaAdmin;
  readonly #appender: KafkaAppender;
  readonly #reader: TopicReader;
  readonly #health: KafkaHealth;
  readonly #subscriptions = new Set<KafkaSubscription>();
  readonly #closing = new AbortController();
  readonly #probing: Promise<void>;

  constructor(options: KafkaOptions, client: string, lines: LogLines, seams: KafkaSeams = {}) {
    const clients = new KafkaClients(options, client, lines, seams);
    const names = new TopicNames(options.topicPrefix ?? '');
    this.#admin = new KafkaAdmin(clients);
    this.#health = new KafkaHealth(lines);
    const topics = new TopicKeeper(this.#admin, names, { ...defaultTopics, ...options.topics }, lines);
    this.#appender = new KafkaAppender(
      new KafkaProducer(clients, topics, names, this.#health),
      () => this.#health.current.reason,
      seams.appendTimeoutMs,
    );
    this.#reader = new TopicReader(new TopicFetcher(clients), this.#admin, names);
    this.#parts = { clients, topics, names, health: this.#health };
    this.#probing = this.#probe();
  }

  append(records: readonly EventRecord[]): Promise<void> {
    return this.#appender.append(records);
  }

  read(topic: string, after: string, limit: number): Promise<EventPage> {
    return this.#reader.read(topic, after, limit);
  }

  subscribe(options: SubscribeOptions): Promise<Subscription> {
    const topics = [...new Set(options.topics)];
    const lag = new GroupLag(this.#admin, this.#parts.names, options.group, topics);
    const subscription = new KafkaSubscription(this.#parts, { ...options, topics }, lag, () =>
      this.#subscriptions.delete(subscription),
    );
    this.#subscriptions.add(subscription);
    return Promise.resolve(subscription);
  }

  health(): EventLogHealth {
    return this.#health.current;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription[Symbol.asyncDispose]()));
    await this.#appender[Symbol.asyncDispose]();
    await this.#reader[Symbol.asyncDispose]();
    await this.#admin[Symbol.asyncDispose]();
    await this.#probing;
  }

  /** Finds out whether the cluster answers, at first and whenever something has failed. */
  async #probe(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      if (!this.#health.current.ok) {
        await this.#admin
          .ask('the cluster', (admin) => admin.describeCluster())
          .then(
            () => this.#health.up('cluster'),
            (error: unknown) => {
              if (!signal.aborted) this.#health.down('cluster', error);
            },
          );
      }
      await sleep(probeMs, signal).catch(() => undefined);
    }
  }
}
