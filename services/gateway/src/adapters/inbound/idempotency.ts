import { createHash } from 'node:crypto';
import { ParleyError } from '@parley/kernel';
import type { IdempotencyKey } from '../../ports/call.ts';

/** 1 to 255 printable ASCII characters. */
const printable = /^[\x20-\x7e]{1,255}$/;

/**
 * The key under which a client may send its request again; undefined when it gave none.
 * @param given the header or field as it came
 * @param param its name, as the client wrote it
 * @param request the operation, and what must be the same in a repetition
 * @throws ParleyError `invalid_request` for what cannot be a key
 */
export function idempotencyKey(
  given: unknown,
  param: string,
  request: { readonly route: string; readonly body: unknown },
): IdempotencyKey | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'string' || !printable.test(given)) {
    const message = `The ${param} must have 1 to 255 printable ASCII characters, for example a UUID.`;
    throw new ParleyError('invalid_request', message, { param });
  }
  return { route: request.route, key: given, fingerprint: fingerprintOf(request.body) };
}

/** A digest that is the same for the same JSON value, in whichever order its fields stand. */
function fingerprintOf(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(body, inOrder) ?? '')
    .digest('hex');
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
