import type { DeadLetter } from './dead-letter.ts';
import { recordOf } from './dead-letter.ts';
import { withoutText } from './erased-payload.ts';
import { happenedAtMs } from './happened-at.ts';
import type { IncomingEvent } from './recorded-event.ts';

/** An event that is in the record, as far as erasing needs to know it. */
export type ErasableEvent = Pick<IncomingEvent, 'occurredAtMs' | 'data' | 'user' | 'erasure'>;

/**
 * The event without text and user, when it tells of what happened before the user was erased; undefined when it stays.
 * The event of an erasure itself tells no longer whose it was.
 * @param erasedAtMs when the user was erased; undefined = never
 */
export function erasedEvent<E extends ErasableEvent>(
  event: E,
  erasedAtMs: number | undefined,
): E | undefined {
  const isDue = event.erasure !== undefined || isBefore(event.occurredAtMs, event.data, erasedAtMs);
  return isDue ? { ...event, user: '', data: withoutText(event.data) } : undefined;
}

/** The same of a dead letter. */
export function erasedLetter<L extends DeadLetter>(letter: L, erasedAtMs: number | undefined): L | undefined {
  if (!isBefore(recordOf(letter)?.occurredAtMs, letter.data, erasedAtMs)) return undefined;
  return { ...letter, user: '', data: withoutText(letter.data) };
}

function isBefore(occurredAtMs: number | undefined, data: string, erasedAtMs: number | undefined): boolean {
  return erasedAtMs !== undefined && happenedAtMs(occurredAtMs, data) < erasedAtMs;
}
