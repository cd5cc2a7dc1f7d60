/** How to reach a Kafka cluster and what the topics made there are like. */
export interface KafkaOptions {
  /** Some brokers as `host:port`; the others are found from them. */
  readonly brokers: readonly string[];
  /** Given, connections are encrypted; `ca` is the authority to trust (PEM), without it those of Node. */
  readonly tls?: { readonly ca?: string };
  readonly sasl?: KafkaLogin;
  /** What the names of topics and groups begin with: fleets that share a cluster need different ones; default `''`. */
  readonly topicPrefix?: string;
  readonly topics?: Partial<KafkaTopicOptions>;
}

export interface KafkaLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** What a topic is made with; one that is there stays as it is. */
export interface KafkaTopicOptions {
  /** Of a topic of events; default 12, which 1, 2, 3, 4, 6 or 12 members of a group share evenly. */
  readonly partitions: number;
  /** Brokers that keep each record; default 0: three, or as many as there are. */
  readonly replication: number;
  /** How long events are kept; default 7 days. A group that is further behind misses some. */
  readonly retentionMs: number;
  /** How long dead letters are kept; default 30 days, so that somebody can look at them. */
  readonly deadLetterRetentionMs: number;
}

const day = 24 * 3_600_000;

/** The topics of a fleet that says nothing about them. */
export const defaultTopics: KafkaTopicOptions = {
  partitions: 12,
  replication: 0,
  retentionMs: 7 * day,
  deadLetterRetentionMs: 30 * day,
};

/** How long an append waits for Kafka: the limit of every outgoing call. */
export const appendTimeoutMs = 30_000;
/** How long one question to the cluster may take, with its retries. */
export const questionTimeoutMs = 10_000;
/** How long a read waits for Kafka. */
export const readTimeoutMs = 30_000;
/** How long a client that ends may take to say good-bye. */
export const goodbyeMs = 5_000;
/** How long a group waits for a silent member: as long as for the owner of a turn. */
export const sessionTimeoutMs = 10_000;
/** How long a group that changes waits for its members to end the batch in work. */
export const regroupTimeoutMs = 30_000;
/** How soon a member hears that its group changes. */
export const heartbeatMs = 1_000;
