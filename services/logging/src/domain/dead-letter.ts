import { uuidFromName } from '@parley/kernel';
import type { ReceivedRecord } from '@parley/events/ports';
import { isObject, parseJson } from './json-object.ts';

/** Why a record is not part of the record of events; a metric label, so the list is closed. */
export type DeadLetterReason =
  | 'payload_not_json'
  | 'payload_not_object'
  | 'attribute_invalid'
  | 'turn_id_missing'
  | 'erasure_invalid'
  | 'second_terminal_event'
  | 'store_refused';

/** What was received and could not be recorded, kept for a human to look at and to try again. */
export interface DeadLetter {
  /** Derived from the content and its place, so that a batch that comes again adds none. */
  readonly id: string;
  readonly reason: DeadLetterReason;
  /** What exactly was wrong; never text of the payload. */
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly eventId: string;
  readonly type: string;
  readonly tenant: string;
  /** The key of the end user whose text it may hold; "" when that cannot be told. */
  readonly user: string;
  /** All attributes as JSON, as they came, so that it can be tried again; "" in letters of an older version. */
  readonly attributes: string;
  readonly data: string;
}

/** A letter of the record. `position` numbers letters in the order they came, with gaps, from 1. */
export interface StoredLetter extends DeadLetter {
  readonly position: number;
  readonly receivedAtMs: number;
}

/** Some stores refuse U+0000 and half surrogate pairs in text; a dead letter must be storable whatever it holds. */
function storable(value: unknown): string {
  return String(value).toWellFormed().replaceAll('\0', '\ufffd');
}

/**
 * The dead letter of a record.
 * @param user the key of its end user, where the payload told it
 */
export function deadLetter(
  record: ReceivedRecord,
  reason: DeadLetterReason,
  detail: string,
  user = '',
): DeadLetter {
  const { topic, partition, offset, id, type, source, key, subject, tenant, data } = record;
  const { occurredAtMs, sequence, traceparent } = record;
  const own = { id, type, source, key, subject, tenant, occurredAtMs, sequence, traceparent };
  return {
    id: uuidFromName(JSON.stringify(['dead-letter', topic, partition, offset, id, data])),
    reason,
    detail,
    topic: storable(topic),
    partition: placeNumber(partition),
    offset: placeNumber(offset),
    key: storable(key),
    eventId: storable(id),
    type: storable(type),
    tenant: storable(tenant),
    user,
    attributes: JSON.stringify({ topic, partition, offset, ...own }),
    data: storable(data),
  };
}

/** The record that became this letter; undefined for a letter that does not tell all of it. */
export function recordOf({ attributes, data }: DeadLetter): ReceivedRecord | undefined {
  const known = parseJson(attributes);
  // Each attribute is checked by the inspection, as when it came.
  return isObject(known) ? ({ ...known, data } as unknown as ReceivedRecord) : undefined;
}

function placeNumber(value: number): number {
  return Number.isSafeInteger(value) ? value : -1;
}
