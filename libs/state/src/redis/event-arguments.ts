import type { LoggedEntry, OutboxEvent, PendingEvent } from '../ports.ts';
import { slotOfKey } from './key-space.ts';
import type { Argument } from './redis-client.ts';
import { integerOf, textOf } from './reply.ts';

/** Everything of an event that is not opaque data; as JSON text it is one field. */
type EventMeta = Omit<OutboxEvent, 'data'>;

/** Log entries as the functions take them: their number, then number and body of each. */
export function entryArguments(entries: readonly LoggedEntry[]): Argument[] {
  return [entries.length, ...entries.flatMap(({ sequence, body }) => [sequence, body])];
}

/** Events as the functions of `slot` take them: their number, then target slot ('' = this one), key, meta and data. */
export function eventArguments(events: readonly OutboxEvent[], slot: number): Argument[] {
  return [
    events.length,
    ...events.flatMap(({ data, ...meta }) => {
      const target = slotOfKey(meta.key);
      return [target === slot ? '' : target, meta.key, JSON.stringify(meta), data];
    }),
  ];
}

/** Whether one of these events has to be brought to another slot. */
export function hasTransfers(events: readonly OutboxEvent[], slot: number): boolean {
  return events.some(({ key }) => slotOfKey(key) !== slot);
}

/** An entry of a slot's outbox as the port gives it. */
export function pendingEventOf(
  shard: number,
  entry: { readonly number: number; readonly fields: ReadonlyMap<string, string> },
): PendingEvent {
  const { fields, number } = entry;
  const meta = JSON.parse(textOf(fields.get('m'))) as EventMeta;
  const sequence = integerOf(fields.get('s'));
  return { ...meta, data: textOf(fields.get('d')), shard, position: number, sequence };
}

/** The size of an event's data as the outbox counts it. */
export function dataBytesOf(data: string): number {
  return Buffer.byteLength(data);
}

/** What the outbox counts for an event; the functions add the same 512 bytes. */
export function bytesOf(event: OutboxEvent): number {
  return 512 + dataBytesOf(event.data);
}
