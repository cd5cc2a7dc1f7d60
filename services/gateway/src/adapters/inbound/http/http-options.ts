import type { Socket } from 'node:net';
import { ParleyError } from '@parley/kernel';
import type { FastifyOptions } from '@parley/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpOverride } from '../../../domain/problem.ts';
import { requestIdOf } from '../../../domain/request-identity.ts';
import { endWithProblem } from '../raw-problem.ts';
import { sendProblem } from './responses.ts';

/** Ids and model names have checks of their own, with a message, long before this. */
const maxParamLength = 1024;

/** Fastify's options: what it refuses before any route is known looks like every other error. */
export const httpOptions: NonNullable<FastifyOptions> = {
  routerOptions: { maxParamLength },
  frameworkErrors: (fault, request, reply) => answerUnroutable(fault, request, reply),
  clientErrorHandler: answerNoHttp,
};

function answerUnroutable(fault: { code: string }, request: FastifyRequest, reply: FastifyReply): void {
  const error =
    fault.code === 'FST_ERR_MAX_PARAM_LENGTH'
      ? new ParleyError(
          'not_found',
          `There is nothing at this path; it has a part of more than ${maxParamLength} characters.`,
        )
      : new ParleyError('invalid_request', 'The path is not validly encoded. Correct its percent signs.');
  sendProblem(request, reply, error);
}

const unparsable: Readonly<Record<string, HttpOverride>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, title: 'Request timeout' },
  HPE_HEADER_OVERFLOW: { status: 431, title: 'Request header fields too large' },
};

/** There is no request to answer, only a connection on which something else than HTTP arrived. */
function answerNoHttp(fault: { code?: string }, socket: Socket): void {
  if (!socket.writable || fault.code === 'ECONNRESET') return void socket.destroy();
  const override = unparsable[fault.code ?? ''] ?? { status: 400, title: 'Bad request' };
  const requestId = requestIdOf(undefined);
  const error = new ParleyError(
    'invalid_request',
    `This is no HTTP request that can be read (${override.title.toLowerCase()}).`,
  );
  endWithProblem(socket, error, requestId, override);
}
