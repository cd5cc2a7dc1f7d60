import type { record } from '@parley/contracts';
import type { StoredLetter } from '../../../domain/dead-letter.ts';

/** Longer attributes are faults themselves, and an answer has to stay small. */
const maxTextLength = 1024;

export function deadLetterMessage(letter: StoredLetter): record.DeadLetter {
  const { id, reason, detail, topic, partition, offset, key, eventId, type, tenant, receivedAtMs } = letter;
  return {
    id,
    reason,
    detail,
    topic: short(topic),
    partition: Math.max(0, partition),
    offset: Math.max(0, offset),
    key: short(key),
    eventId: short(eventId),
    type: short(type),
    tenant: short(tenant),
    receivedAt: new Date(receivedAtMs),
    data: letter.data,
  };
}

function short(text: string): string {
  return text.length <= maxTextLength ? text : text.slice(0, maxTextLength).toWellFormed();
}
