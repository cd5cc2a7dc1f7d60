import { uuidFromName } from '@parley/kernel';
import type { ReceivedRecord } from '@parley/events/ports';

/** Why a record is not part of the record of events; a metric label, so the list is closed. */
export type DeadLetterReason =
  | 'payload_not_json'
  | 'payload_not_object'
  | 'attribute_invalid'
  | 'turn_id_missing'
  | 'second_terminal_event';

/** What was received and could not be recorded, kept for a human to look at. */
export interface DeadLetter {
  /** Derived from the content and its place, so that a batch that comes again adds none. */
  readonly id: string;
  readonly reason: DeadLetterReason;
  /** What exactly was wrong; never text of the payload. */
  readonly detail: string;
  readonly topic: string;
  readonly offset: number;
  readonly key: string;
  readonly eventId: string;
  readonly type: string;
  readonly tenant: string;
  readonly data: string;
}

/** Some stores refuse U+0000 and half surrogate pairs in text; a dead letter must be storable whatever it holds. */
function storable(value: unknown): string {
  return String(value).toWellFormed().replaceAll('\0', '\ufffd');
}

/** The dead letter of a record. */
export function deadLetter(record: ReceivedRecord, reason: DeadLetterReason, detail: string): DeadLetter {
  const { topic, offset } = record;
  return {
    id: uuidFromName(JSON.stringify(['dead-letter', topic, offset, record.id, record.data])),
    reason,
    detail,
    topic: storable(topic),
    offset: Number.isSafeInteger(offset) ? offset : -1,
    key: storable(record.key),
    eventId: storable(record.id),
    type: storable(record.type),
    tenant: storable(record.tenant),
    data: storable(record.data),
  };
}
