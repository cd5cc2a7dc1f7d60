import type { ParleyError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '../../../domain/problem.ts';
import type { HttpOverride } from '../../../domain/problem.ts';
import { contextOf } from './request-context.ts';

/** Sends a JSON answer. */
export function sendJson(request: FastifyRequest, reply: FastifyReply, body: object, status = 200): void {
  void reply.code(status).headers(commonHeaders(request)).send(body);
}

/** Sends an error as problem+json. @param override for what HTTP knows and the code list does not */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: ParleyError,
  override?: HttpOverride,
): void {
  const problem = problemOf(error, contextOf(request).requestId, override);
  void reply
    .code(problem.status)
    .headers({ ...commonHeaders(request), ...problem.headers })
    .type('application/problem+json')
    .send(JSON.stringify(problem.body));
}

/** What every answer carries: its request's id, and how long this service took to begin it. */
export function commonHeaders(request: FastifyRequest): Record<string, string> {
  const context = contextOf(request);
  return {
    'x-request-id': context.requestId,
    'openai-processing-ms': String(Math.round(context.elapsedMs())),
  };
}
