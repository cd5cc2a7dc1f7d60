import { deadLetterEventType, deadLetterTopic } from '@parley/contracts';
import type { EventRecord } from '@parley/events/ports';
import type { StoredLetter } from '../../domain/dead-letter.ts';

/** The record itself keeps all of it; an event must not grow beyond what a log takes. */
const maxDataLength = 256 * 1024;
const maxTextLength = 1024;

/**
 * A dead letter as an event on the dead-letter topic of its topic. The payload is the JSON of
 * `parley.logging.v1.DeadLetter`; long texts are cut.
 * @param source the process that says it: `/parley/logging/<instance id>`
 */
export function deadLetterEvent(letter: StoredLetter, source: string): EventRecord {
  const { id, reason, detail, topic, partition, offset, receivedAtMs } = letter;
  const data = {
    id,
    reason,
    detail,
    topic: cut(topic),
    partition: Math.max(0, partition),
    // 64 bits are text in protobuf's JSON.
    offset: String(Math.max(0, offset)),
    key: cut(letter.key),
    eventId: cut(letter.eventId),
    type: cut(letter.type),
    tenant: cut(letter.tenant),
    receivedAt: new Date(receivedAtMs).toISOString(),
    data: cut(letter.data, maxDataLength),
  };
  return {
    id,
    type: deadLetterEventType,
    source,
    topic: deadLetterTopic(topic),
    key: cut(letter.key),
    subject: id,
    tenant: cut(letter.tenant),
    occurredAtMs: receivedAtMs,
    sequence: 0,
    data: JSON.stringify(data),
  };
}

/** At most that many characters, and no half of a pair. */
function cut(text: string, length = maxTextLength): string {
  return text.length <= length ? text : text.slice(0, length).toWellFormed();
}
