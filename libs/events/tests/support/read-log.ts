import type { EventLog, ReceivedRecord } from '../../src/ports.ts';

/** Everything in a topic. */
export async function everythingIn(log: EventLog, topic: string): Promise<ReceivedRecord[]> {
  const records: ReceivedRecord[] = [];
  for (let after = ''; ;) {
    const page = await log.read(topic, after, 1_000);
    if (page.records.length === 0) return records;
    records.push(...page.records);
    after = page.next;
  }
}

/** Each id where it came first. */
export function distinct(records: readonly ReceivedRecord[]): ReceivedRecord[] {
  return [...new Map(records.toReversed().map((record) => [record.id, record])).values()].toReversed();
}

/** The sequences of a key, each id once. */
export function sequencesOf(key: string, records: readonly ReceivedRecord[]): number[] {
  return distinct(records)
    .filter((record) => record.key === key)
    .map(({ sequence }) => sequence);
}
