import { ParleyError } from '@parley/kernel';

/** A place of a topic as `read` takes and gives it: the offset of the last record read; `''` before the first. */
export function placeOf(offset: number): string {
  return `${offset}`;
}

/** @throws ParleyError `invalid_request` when the text is no place of this log. */
export function offsetOf(place: string): number {
  if (place === '') return -1;
  const offset = /^\d{1,16}$/.test(place) ? Number(place) : Number.NaN;
  if (Number.isSafeInteger(offset)) return offset;
  throw new ParleyError('invalid_request', 'That is no place of this event log.', { param: 'after' });
}
