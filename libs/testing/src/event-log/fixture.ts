import { expect } from 'vitest';
import type {
  EventLog,
  EventPage,
  ReceivedRecord,
  SubscribeOptions,
  Subscription,
} from '@parley/events/ports';
import { eventually } from '../eventually.ts';

/** An open event log on storage that was empty. Disposing closes it and everything `connect` gave. */
export interface EventLogFixture extends AsyncDisposable {
  readonly log: EventLog;
  /** Another client of the same storage, as a second process has it; absent when the storage is private. */
  readonly connect?: () => Promise<EventLog>;
}

/** Opens a log on new, empty storage. */
export type OpenEventLog = () => Promise<EventLogFixture>;

/** The topic of most tests. */
export const topic = 'parley.test.events.v1';

/** The topic that keeps the last record of each key. */
export const compactedTopic = 'parley.control.v1';

/** Two clients of one storage; the same one twice when it is private. */
export async function twoLogs(fixture: EventLogFixture): Promise<[EventLog, EventLog]> {
  return [fixture.log, (await fixture.connect?.()) ?? fixture.log];
}

/** Waits until `check` does not throw; long enough for a group of Kafka to change on a busy machine. */
export function soon<T>(check: () => T | Promise<T>): Promise<T> {
  return eventually(check, { timeoutMs: 20_000 });
}

/** Records of one id count once, where they came first: that is what a consumer has to do. */
export function firstOfEach(records: readonly ReceivedRecord[]): ReceivedRecord[] {
  const known = new Set<string>();
  return records.filter(({ id }) => !known.has(id) && known.add(id));
}

/** What there is after a place, page by page. */
export async function readAll(log: EventLog, from = topic, after = '', limit = 1_000): Promise<EventPage> {
  const records: ReceivedRecord[] = [];
  for (let next = after; ;) {
    const page = await log.read(from, next, limit);
    records.push(...page.records);
    next = page.next;
    expect(page.records.length).toBeLessThanOrEqual(limit);
    if (page.records.length === 0) return { records, next };
  }
}

/** Reads until that many records are there, each counted once. */
export function readUntil(log: EventLog, count: number, from = topic): Promise<ReceivedRecord[]> {
  return soon(async () => {
    const read = firstOfEach((await readAll(log, from)).records);
    expect(read).toHaveLength(count);
    return read;
  });
}

/** A subscription that keeps what it was given. */
export interface Collector {
  readonly subscription: Subscription;
  readonly batches: (readonly ReceivedRecord[])[];
  /** The payloads received, in order of arrival, each id once. */
  readonly data: () => string[];
}

/** Subscribes and collects; `onBatch` runs before a batch counts as received and can refuse it by throwing. */
export async function collect(
  log: EventLog,
  options: Partial<SubscribeOptions> = {},
  onBatch: (records: readonly ReceivedRecord[], signal: AbortSignal) => Promise<void> | void = () =>
    undefined,
): Promise<Collector> {
  const batches: (readonly ReceivedRecord[])[] = [];
  const subscription = await log.subscribe({
    group: 'record',
    topics: [topic],
    ...options,
    onBatch: async (records, signal) => {
      await onBatch(records, signal);
      batches.push(records);
    },
  });
  return { subscription, batches, data: () => firstOfEach(batches.flat()).map(({ data }) => data) };
}
