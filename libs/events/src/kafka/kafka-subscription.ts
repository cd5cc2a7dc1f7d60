import { sleep, untilAborted } from '@parley/kernel';
import type { Consumer } from 'kafkajs';
import type { SubscribeOptions, Subscription } from '../ports.ts';
import { BatchWorker } from './batch-worker.ts';
import type { GroupLag } from './group-lag.ts';
import { longRetry } from './kafka-clients.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { kafkaError } from './kafka-errors.ts';
import type { HealthSource, KafkaHealth } from './kafka-health.ts';
import { goodbyeMs, heartbeatMs, regroupTimeoutMs, sessionTimeoutMs } from './kafka-options.ts';
import type { TopicKeeper } from './topic-keeper.ts';
import type { TopicNames } from './topic-names.ts';
import { within } from './within.ts';

/** What all subscriptions of a log share. */
export interface SubscriptionParts {
  readonly clients: KafkaClients;
  readonly topics: TopicKeeper;
  readonly names: TopicNames;
  readonly health: KafkaHealth;
}

const firstRetryMs = 100;
const lastRetryMs = 5_000;
/** Longest wait of a fetch for new records: an idle consumer asks this often, and ends this late. */
const fetchWaitMs = 500;

/** A member of a group: joins it, works, and joins again with a new consumer whenever the old one gives up. */
export class KafkaSubscription implements Subscription {
  readonly #parts: SubscriptionParts;
  readonly #options: SubscribeOptions;
  readonly #lag: GroupLag;
  readonly #worker: BatchWorker;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  readonly #onClosed: () => void;
  readonly #source: HealthSource;
  /** The batches in work. */
  readonly #work = new Set<Promise<void>>();
  #failures = 0;

  constructor(parts: SubscriptionParts, options: SubscribeOptions, lag: GroupLag, onClosed: () => void) {
    this.#parts = parts;
    this.#options = options;
    this.#lag = lag;
    this.#onClosed = onClosed;
    this.#source = `group ${options.group}`;
    this.#worker = new BatchWorker(options, this.#closing.signal);
    this.#running = this.#run();
  }

  lag(): Promise<number> {
    return this.#lag.current();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#parts.health.forget(this.#source);
    this.#onClosed();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#consume();
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.health.down(this.#source, error);
        this.#options.onError?.(kafkaError(error));
        const delayMs = Math.min(lastRetryMs, firstRetryMs * 2 ** this.#failures++);
        await sleep(delayMs, signal).catch(() => undefined);
      }
    }
  }

  /** Works until the consumer gives up or the subscription closes. */
  async #consume(): Promise<void> {
    const { clients, topics, names } = this.#parts;
    await topics.require(this.#options.topics);
    const { kafka, sockets } = clients.create();
    const consumer = kafka.consumer({
      groupId: names.group(this.#options.group),
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: regroupTimeoutMs,
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: fetchWaitMs,
      allowAutoTopicCreation: false,
      retry: { ...longRetry, restartOnFailure: () => Promise.resolve(false) },
    });
    const ended = this.#watch(consumer);
    try {
      const closed = untilAborted(this.#closing.signal);
      await Promise.race([this.#start(consumer), ended, closed]);
      await Promise.race([ended, closed]);
    } finally {
      await Promise.allSettled(this.#work);
      await within(goodbyeMs, 'leave the group', consumer.disconnect()).catch(() => undefined);
      sockets.close();
    }
  }

  async #start(consumer: Consumer): Promise<void> {
    const { names } = this.#parts;
    await consumer.connect();
    const topics = this.#options.topics.map((topic) => names.outside(topic));
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#options.partitionsAtOnce ?? 1,
      eachBatch: async (payload) => {
        const work = this.#worker.work(names.inside(payload.batch.topic), payload);
        this.#work.add(work);
        await work.finally(() => this.#work.delete(work));
      },
    });
  }

  /** Rejects when the consumer has given up, or a broker does not answer on a connection that looks sound. */
  #watch(consumer: Consumer): Promise<never> {
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    const { CRASH, GROUP_JOIN, REQUEST_TIMEOUT } = consumer.events;
    consumer.on(CRASH, ({ payload }) => ended.reject(payload.error));
    consumer.on(REQUEST_TIMEOUT, ({ payload }) => {
      ended.reject(new Error(`${payload.apiName} was not answered by ${payload.broker}`));
    });
    consumer.on(GROUP_JOIN, () => {
      this.#failures = 0;
      this.#parts.health.up(this.#source);
    });
    return ended.promise;
  }
}
