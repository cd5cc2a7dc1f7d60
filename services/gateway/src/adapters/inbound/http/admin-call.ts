import { ParleyError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Call } from '../../../ports/call.ts';
import { callOf } from './request-context.ts';

/** How an administrator's request calls a neighbour. @throws ParleyError `permission_denied` for a key of another role */
export function adminCall(request: FastifyRequest, reply: FastifyReply): Call {
  const call = callOf(request, reply);
  if (call.tenant.role !== 'admin') {
    throw new ParleyError('permission_denied', 'This needs a key of the role admin.');
  }
  return call;
}
