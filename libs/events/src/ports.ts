/** A fact that others may want, with its CloudEvents attributes. */
export interface EventRecord {
  /** UUID; by it a consumer knows what it has had. */
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
  /** The payload's canonical JSON text; `''` on a compacted topic means that the key's value is gone. */
  readonly data: string;
  readonly traceparent?: string;
}

/** A record as read back, with its place in the topic. */
export interface ReceivedRecord extends EventRecord {
  /** Records of one partition are in order, and those of one key are in one partition. */
  readonly partition: number;
  /** Grows within the partition, not always by one. */
  readonly offset: number;
}

/** Publishing. */
export interface EventPublisher {
  /**
   * Resolves when every record is durable. Appends of one publisher keep their order, also when they do not wait for
   * each other. What fails may have happened in part and may be appended again with the same ids: a record then comes
   * twice, or once where the log knows its ids (SQLite does), so consumers go by the id.
   * @throws ParleyError `unavailable` when the log has not answered within 30 s, `overloaded` at once when too much
   * waits already, `payload_too_large` for a record that the log never takes.
   */
  append(records: readonly EventRecord[]): Promise<void>;
}

export interface SubscribeOptions {
  /** Members of one group share the work; a group remembers how far it has come. */
  readonly group: string;
  readonly topics: readonly string[];
  /** Most records handed over at once; default 256. */
  readonly batchSize?: number;
  /**
   * Partitions whose batches a member handles at the same time, each batch after the one before it of its partition;
   * default 1. A log that hands over one batch at a time (SQLite) does so whatever this says.
   */
  readonly partitionsAtOnce?: number;
  /**
   * Handles one batch: records of one partition of one topic, in order. The group's place moves only after it resolves,
   * so a batch can come again after a crash, or to another member when the group changes; its signal aborts then. When
   * it rejects the same batch comes again after a delay (100 ms doubling to 5 s).
   */
  readonly onBatch: (records: readonly ReceivedRecord[], signal: AbortSignal) => Promise<void>;
  readonly onError?: (error: unknown) => void;
}

/** A running subscription; disposing waits for the batch in work. */
export interface Subscription extends AsyncDisposable {
  /**
   * Records that are in the log and not yet handled by the group; up to 1 s old.
   * @throws ParleyError `unavailable`.
   */
  lag(): Promise<number>;
}

/** Records, and the place where reading goes on. */
export interface EventPage {
  readonly records: readonly ReceivedRecord[];
  /** For the next `read`; the place asked from when there is nothing after it. */
  readonly next: string;
}

/** Consuming by group, and reading again from any place. */
export interface EventSubscriber {
  /**
   * A new group starts at the oldest record kept. Resolves when the subscription works or tries to: a log that is away
   * is told by `onError` and tried again until it is there.
   */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /**
   * Records of a topic after a place, those of a key in order, at most `limit`; no group's place moves.
   * @param after `''` = from the oldest record kept, else the `next` of an earlier page.
   * @throws ParleyError `invalid_request` when `after` is no such place, `unavailable`.
   */
  read(topic: string, after: string, limit: number): Promise<EventPage>;
}

/** Whether the log answers, as far as is known without asking it; for readiness. */
export interface EventLogHealth {
  readonly ok: boolean;
  /** Why not; `''` when it is ok. */
  readonly reason: string;
}

/** The event log: Kafka in production, a table of `fleet.db` on one machine. */
export interface EventLog extends EventPublisher, EventSubscriber, AsyncDisposable {
  health(): EventLogHealth;
}
