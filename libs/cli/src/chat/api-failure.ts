import { APIConnectionError, APIError } from 'openai';
import { ParleyError } from '@parley/kernel';
import { apiError, awayError } from '../api/api-client.ts';
import type { FleetAccess } from '../api/fleet-access.ts';

/** What the official client threw as the error that the other commands show; anything else as it is. */
export function failureOf(thrown: unknown, access: FleetAccess): unknown {
  if (thrown instanceof APIConnectionError) return awayError(access, thrown);
  if (!(thrown instanceof APIError)) return thrown;
  const { status, headers, error } = thrown as APIError<
    number | undefined,
    Headers | undefined,
    object | undefined
  >;
  if (status === undefined) return new ParleyError('unavailable', thrown.message);
  return apiError(status, headers ?? new Headers(), { error });
}

/** Whether a stream that ended so may go on after re-attaching: a lost connection or a gateway that is away. */
export function mayGoOn(thrown: unknown): boolean {
  if (!(thrown instanceof APIError)) return true;
  const { status } = thrown as APIError<number | undefined>;
  return status === undefined || status === 429 || status >= 500;
}

/** The log of a response is kept for some minutes only; the finished response stays. */
export function hasExpired(thrown: unknown): boolean {
  return thrown instanceof APIError && thrown.status === 410;
}
