/** A fact that others may want, with its CloudEvents attributes. */
export interface EventRecord {
  /** UUID; a record whose id is in the log already is dropped silently. */
  readonly id: string;
  /** For example `parley.turn.completed.v1`. */
  readonly type: string;
  /** The process that says it: `/parley/dialogue/<instance id>`. */
  readonly source: string;
  readonly topic: string;
  /** Events of one key keep their order. */
  readonly key: string;
  readonly subject: string;
  readonly tenant: string;
  /** Milliseconds since 1970. */
  readonly occurredAtMs: number;
  /** Number within the key, from 0 without a gap (CloudEvents extension `sequence`). */
  readonly sequence: number;
  /** The payload's canonical JSON text. */
  readonly data: string;
  readonly traceparent?: string;
}

/** A record as read back, with its place in the topic. */
export interface ReceivedRecord extends EventRecord {
  readonly offset: number;
}

/** Publishing. */
export interface EventPublisher {
  /** Resolves when every record is durable. A retry with the same ids is harmless. */
  append(records: readonly EventRecord[]): Promise<void>;
}

export interface SubscribeOptions {
  /** Members of one group share the work; a group remembers how far it has come. */
  readonly group: string;
  readonly topics: readonly string[];
  /** Most records handed over at once; default 256. */
  readonly batchSize?: number;
  /**
   * Handles one batch, records of a topic in order. The group's place moves only after it resolves, so a batch can
   * come again after a crash. When it rejects the same batch comes again after a delay (100 ms doubling to 5 s).
   */
  readonly onBatch: (records: readonly ReceivedRecord[], signal: AbortSignal) => Promise<void>;
  readonly onError?: (error: unknown) => void;
}

/** A running subscription; disposing waits for the batch in work. */
export interface Subscription extends AsyncDisposable {
  /** Records that are in the log and not yet handled by the group. */
  lag(): Promise<number>;
}

/** Consuming by group, and reading again from any place. */
export interface EventSubscriber {
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Records of a topic with an offset above `after` (-1 = all), in order, at most `limit`. */
  read(topic: string, after: number, limit: number): Promise<ReceivedRecord[]>;
}

/** The event log: Kafka in production, a table of `fleet.db` on one machine. */
export interface EventLog extends EventPublisher, EventSubscriber, AsyncDisposable {}
