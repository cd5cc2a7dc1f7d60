import type { Clock } from '@parley/kernel';
import { prepared } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type {
  EventLog,
  EventLogHealth,
  EventPage,
  EventRecord,
  SubscribeOptions,
  Subscription,
} from '../ports.ts';
import { appendRecords } from './append-records.ts';
import { GroupMember } from './group-member.ts';
import { GroupSubscription } from './group-subscription.ts';
import { offsetOf, placeOf } from './place.ts';
import type { LogRetention } from './log-retention.ts';
import { recordOf } from './record-row.ts';

const selectRecords = 'SELECT * FROM events WHERE topic = ? AND log_offset > ? ORDER BY log_offset LIMIT ?';

/** The event log in the tables of `fleet.db`. */
export class SqliteEventLog implements EventLog {
  readonly #connection: SqliteConnection;
  readonly #retention: LogRetention;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #subscriptions = new Set<GroupSubscription>();

  constructor(connection: SqliteConnection, retention: LogRetention, clock: Clock, leaseMs: number) {
    this.#connection = connection;
    this.#retention = retention;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  async append(records: readonly EventRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#connection.write((db) => appendRecords(db, records, this.#clock.now()));
  }

  async read(topic: string, after: string, limit: number): Promise<EventPage> {
    const offset = offsetOf(after);
    const records = await this.#connection.read((db) =>
      prepared(db, selectRecords).all(topic, offset, limit).map(recordOf),
    );
    const last = records.at(-1);
    return { records, next: last === undefined ? after : placeOf(last.offset) };
  }

  health(): EventLogHealth {
    return { ok: true, reason: '' };
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const member = new GroupMember(
      this.#connection,
      this.#clock,
      options.group,
      options.topics,
      this.#leaseMs,
    );
    await member.register();
    const subscription = new GroupSubscription(member, options, () =>
      this.#subscriptions.delete(subscription),
    );
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription[Symbol.asyncDispose]()));
    await this.#retention[Symbol.asyncDispose]();
    await this.#connection[Symbol.asyncDispose]();
  }
}
