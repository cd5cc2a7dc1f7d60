import type { EventLog, ReceivedRecord, SubscribeOptions, Subscription } from '@parley/events/ports';

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

/** Two clients of one storage; the same one twice when it is private. */
export async function twoLogs(fixture: EventLogFixture): Promise<[EventLog, EventLog]> {
  return [fixture.log, (await fixture.connect?.()) ?? fixture.log];
}

/** A subscription that keeps what it was given. */
export interface Collector {
  readonly subscription: Subscription;
  readonly batches: (readonly ReceivedRecord[])[];
  /** The payloads received, in order of arrival. */
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
  return { subscription, batches, data: () => batches.flat().map(({ data }) => data) };
}
