import { ParleyError, sleep } from '@parley/kernel';
import { Partitioners } from 'kafkajs';
import type { Producer } from 'kafkajs';
import type { WaitingRecord } from './append-queue.ts';
import { isTooLarge, isUnknownTopic } from './kafka-errors.ts';
import { shortRetry } from './kafka-clients.ts';
import type { KafkaClient, KafkaClients } from './kafka-clients.ts';
import type { KafkaHealth } from './kafka-health.ts';
import { goodbyeMs } from './kafka-options.ts';
import type { TopicKeeper } from './topic-keeper.ts';
import type { TopicNames } from './topic-names.ts';
import { within } from './within.ts';

/** An idempotent producer; each has numbers of its own. */
interface Life extends KafkaClient {
  readonly producer: Producer;
  readonly connected: Promise<void>;
}

const firstRetryMs = 100;
const lastRetryMs = 2_000;
/** How long a broker waits for the replicas, below the time of a request. */
const replicasTimeoutMs = 8_000;
const allReplicas = -1;

/**
 * Sends batches, one at a time, until each is acknowledged by all replicas, with a new producer after every failure.
 *
 * Neither is a matter of taste. kafkajs gives the number of a batch that has failed to the next one. Where the broker
 * has the first, only its answer was lost, it takes the second for a repetition: acknowledged, and not written.
 */
export class KafkaProducer implements AsyncDisposable {
  readonly #clients: KafkaClients;
  readonly #topics: TopicKeeper;
  readonly #names: TopicNames;
  readonly #health: KafkaHealth;
  readonly #closed = new AbortController();
  #life: Life | undefined;

  constructor(clients: KafkaClients, topics: TopicKeeper, names: TopicNames, health: KafkaHealth) {
    this.#clients = clients;
    this.#topics = topics;
    this.#names = names;
    this.#health = health;
  }

  /**
   * Tries until the batch is acknowledged or `endsAt` (`performance.now()`) has come.
   * @throws what the last try brought, or at once for a batch that is too large.
   */
  async send(batch: readonly WaitingRecord[], endsAt: number): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await this.#tryUntil(batch, endsAt);
        this.#health.up('appends');
        return;
      } catch (error) {
        this.#leave();
        if (isTooLarge(error) || this.#closed.signal.aborted) throw error;
        this.#health.down('appends', error);
        if (isUnknownTopic(error)) this.#topics.forget(batch.map(({ topic }) => topic));
        const delayMs = Math.min(lastRetryMs, firstRetryMs * 2 ** failures);
        if (performance.now() + delayMs >= endsAt) throw error;
        await sleep(delayMs, this.#closed.signal);
      }
    }
  }

  /** Ends what is on its way, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ParleyError('unavailable', 'The event log has been closed.'));
    const life = this.#life;
    this.#life = undefined;
    if (life === undefined) return;
    await within(goodbyeMs, 'end', life.producer.disconnect()).catch(() => undefined);
    life.sockets.close();
  }

  async #tryUntil(batch: readonly WaitingRecord[], endsAt: number): Promise<void> {
    const givenUp = new AbortController();
    const signal = AbortSignal.any([givenUp.signal, this.#closed.signal]);
    const leftMs = Math.max(1, endsAt - performance.now());
    try {
      await within(leftMs, 'append', this.#try(batch, signal), this.#closed.signal);
    } finally {
      givenUp.abort();
    }
  }

  async #try(batch: readonly WaitingRecord[], signal: AbortSignal): Promise<void> {
    const topics = Map.groupBy(batch, ({ topic }) => topic);
    await this.#topics.require([...topics.keys()]);
    signal.throwIfAborted();
    const { producer, connected } = (this.#life ??= this.#begin());
    await connected;
    // A try that has been given up must not be sent beside the next one.
    signal.throwIfAborted();
    await producer.sendBatch({
      acks: allReplicas,
      timeout: replicasTimeoutMs,
      topicMessages: [...topics].map(([topic, records]) => ({
        topic: this.#names.outside(topic),
        messages: records.map(({ message }) => message),
      })),
    });
  }

  #begin(): Life {
    const client = this.#clients.create();
    const producer = client.kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: shortRetry,
    });
    // kafkajs would ask again on the same connection, which may be dead.
    producer.on(producer.events.REQUEST_TIMEOUT, () => client.sockets.close());
    return { ...client, producer, connected: producer.connect() };
  }

  /** Ends the producer at once: what it still has on its way is not sent again. */
  #leave(): void {
    const life = this.#life;
    this.#life = undefined;
    life?.sockets.close();
    void life?.producer.disconnect().catch(() => undefined);
  }
}
