import { isObject, parseJson } from './json-object.ts';

/** Milliseconds since 1970 of a protobuf Timestamp's JSON; undefined for what is none. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(time) && time >= 0 ? time : undefined;
}

/**
 * When the first of what an event tells happened, in milliseconds since 1970: the end of a turn also tells what was said
 * when the turn was accepted. Without a sound time of its own an event counts as having happened before everything.
 */
export function happenedAtMs(occurredAtMs: unknown, data: string): number {
  const payload = parseJson(data);
  const acceptedAtMs = isObject(payload) ? timeOf(payload['acceptedAt']) : undefined;
  const ownMs = typeof occurredAtMs === 'number' && Number.isFinite(occurredAtMs) ? occurredAtMs : 0;
  return Math.min(ownMs, acceptedAtMs ?? ownMs);
}
