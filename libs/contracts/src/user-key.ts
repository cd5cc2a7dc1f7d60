import { createHash } from 'node:crypto';

/** Digits enough that two users never share one, and few enough for a key. */
const digits = 32;

/**
 * Key and subject of events about an end user: they name nobody, and the same user always has the same.
 * @param endUser as turns carry it (`TurnSubject.end_user`)
 */
export function userKey(tenant: string, endUser: string): string {
  return `user:${createHash('sha256').update(`${tenant}\0${endUser}`).digest('hex').slice(0, digits)}`;
}
