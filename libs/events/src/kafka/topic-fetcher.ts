import type { Cluster } from 'kafkajs';
import type { KafkaClient, KafkaClients } from './kafka-clients.ts';
import { goodbyeMs } from './kafka-options.ts';
import type { FetchedMessage } from './record-codec.ts';
import { within } from './within.ts';

/** A partition and the offset from which it is wanted. */
export interface WantedPartition {
  readonly partition: number;
  readonly offset: number;
}

/** What a partition had from there on. */
export interface FetchedPartition {
  readonly partition: number;
  readonly messages: readonly FetchedMessage[];
}

/** What kafkajs, which does not say so by types, answers to a fetch. */
interface FetchAnswer {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

interface Life extends KafkaClient {
  readonly cluster: Cluster;
  readonly connected: Promise<void>;
}

const limits = { maxWaitTime: 250, minBytes: 1, maxBytes: 8 * 1024 * 1024, isolationLevel: 0 } as const;
const partitionBytes = 1024 * 1024;

/** Fetches from the leaders of partitions, as a consumer does, but is in no group. */
export class TopicFetcher implements AsyncDisposable {
  readonly #clients: KafkaClients;
  #life: Life | undefined;

  constructor(clients: KafkaClients) {
    this.#clients = clients;
  }

  /** @param name the cluster's name of the topic */
  async fetch(name: string, wanted: readonly WantedPartition[]): Promise<FetchedPartition[]> {
    if (wanted.length === 0) return [];
    const { cluster, connected } = (this.#life ??= this.#begin());
    await connected;
    await cluster.addTargetTopic(name);
    await cluster.refreshMetadataIfNecessary();
    const partitions = wanted.map(({ partition }) => partition);
    const leaders = Object.entries(cluster.findLeaderForPartitions(name, partitions));
    const answers = await Promise.all(
      leaders.map(([nodeId, led]) =>
        fetchFrom(
          cluster,
          nodeId,
          name,
          wanted.filter(({ partition }) => led.includes(partition)),
        ),
      ),
    );
    const fetched = new Map(answers.flat().map(({ partition, messages }) => [partition, messages]));
    return wanted.map(({ partition, offset }) => {
      // A batch is fetched as a whole, also where its beginning lies before the offset asked for.
      const messages = (fetched.get(partition) ?? []).filter((message) => Number(message.offset) >= offset);
      return { partition, messages };
    });
  }

  /** Ends the connection; the next fetch makes a new one. */
  leave(): void {
    const life = this.#life;
    this.#life = undefined;
    life?.sockets.close();
    void life?.cluster.disconnect().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const life = this.#life;
    if (life !== undefined) await within(goodbyeMs, 'end', life.cluster.disconnect()).catch(() => undefined);
    this.leave();
  }

  #begin(): Life {
    const client = this.#clients.create();
    const cluster = clusterOf(client);
    return { ...client, cluster, connected: cluster.connect() };
  }
}

async function fetchFrom(
  cluster: Cluster,
  nodeId: string,
  topic: string,
  wanted: readonly WantedPartition[],
): Promise<FetchedPartition[]> {
  const broker = await cluster.findBroker({ nodeId });
  const partitions = wanted.map(({ partition, offset }) => ({
    partition,
    fetchOffset: `${offset}`,
    maxBytes: partitionBytes,
  }));
  const answer = (await broker.fetch({ ...limits, topics: [{ topic, partitions }] })) as FetchAnswer;
  return answer.responses.flatMap((response) => response.partitions);
}

/**
 * The cluster that a consumer would use. kafkajs shows it, with types, to whoever assigns partitions, and asks for that
 * at once; the consumer itself is never run, so its group never exists.
 */
function clusterOf({ kafka }: KafkaClient): Cluster {
  let found: Cluster | undefined;
  kafka.consumer({
    groupId: 'none',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster;
        const protocol = () => ({ name: 'none', metadata: Buffer.alloc(0) });
        return { name: 'none', version: 0, assign: () => Promise.resolve([]), protocol };
      },
    ],
  });
  if (found === undefined) throw new Error('kafkajs has not shown its cluster');
  return found;
}
