import { ParleyError } from '@parley/kernel';

const defaultLimit = 100;
const maxLimit = 1000;

/** Characters of payload text: keeps an answer under gRPC's 4 MiB, with room for the last row and the envelopes. */
export const maxAnswerLength = 1024 * 1024;

/** How many rows an answer may have. @param limit as asked for; 0 = 100 @throws ParleyError `invalid_request` */
export function checkedLimit(limit: number): number {
  if (limit === 0) return defaultLimit;
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit;
  const message = `limit is ${limit}; it must be 1 to ${maxLimit}, or 0 for ${defaultLimit}.`;
  throw new ParleyError('invalid_request', message, { param: 'limit' });
}
