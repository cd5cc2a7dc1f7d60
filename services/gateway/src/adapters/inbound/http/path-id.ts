import { ParleyError } from '@parley/kernel';
import type { FastifyRequest } from 'fastify';

/** Longer than any id that Parley makes. */
const maxLength = 128;

/**
 * The `{id}` of a path. A path that ends in a slash has an empty one.
 * @param what the id is of, for the message
 * @throws ParleyError `not_found` for what cannot be an id, without asking anybody
 */
export function pathId(request: FastifyRequest, what: string): string {
  const { id } = request.params as { id: string };
  if (id !== '' && id.length <= maxLength) return id;
  throw new ParleyError('not_found', `There is no ${what} of that id.`, { param: 'id' });
}
