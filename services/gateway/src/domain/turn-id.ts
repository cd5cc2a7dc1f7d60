import { ParleyError, shardOfId } from '@parley/kernel';

/**
 * Checks a text from a client that should be a response's id.
 * @param param the field it stood in, as the client wrote it
 * @throws ParleyError `not_found` for a text that cannot be one, without asking anybody
 */
export function requireTurnId(id: string, param: string): void {
  if (id.startsWith('resp_') && shardOfId(id) !== undefined) return;
  throw new ParleyError('not_found', 'There is no response of that id. Response ids begin with "resp_".', {
    param,
  });
}
