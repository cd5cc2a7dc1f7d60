import { Catch, HttpException, Inject } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { ParleyError, toParleyError } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { methodsOf } from '../../../domain/operations.ts';
import type { HttpOverride } from '../../../domain/problem.ts';
import { reportFailure } from '../../../domain/report-failure.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import { contextOf } from './request-context.ts';
import { sendProblem } from './responses.ts';
import { GATEWAY_EVENTS } from './tokens.ts';

interface Answer {
  readonly error: ParleyError;
  readonly override?: HttpOverride;
}

/** Whatever is thrown on the way to an answer becomes problem+json; the one place where request errors are counted. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #events: GatewayEvents;

  constructor(@Inject(GATEWAY_EVENTS) events: GatewayEvents) {
    this.#events = events;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const { error, override } = answerOf(thrown, request);
    if (reply.raw.destroyed || reply.sent) return;
    reportFailure(this.#events, error, contextOf(request).requestId);
    sendProblem(request, reply, error, override);
  }
}

function answerOf(thrown: unknown, request: FastifyRequest): Answer {
  if (!(thrown instanceof HttpException)) return { error: toParleyError(thrown) };
  switch (thrown.getStatus()) {
    case 404:
    case 414:
      return unmatched(request);
    case 413:
      return {
        error: new ParleyError(
          'payload_too_large',
          'The body is larger than this gateway takes. Send a smaller one.',
        ),
      };
    case 415:
      return {
        error: new ParleyError(
          'unsupported',
          'The body must be JSON. Send it with the header `Content-Type: application/json`.',
        ),
        override: { status: 415, title: 'Unsupported media type' },
      };
    default:
      return thrown.getStatus() < 500
        ? {
            error: new ParleyError(
              'invalid_request',
              'The request is not valid HTTP for this API. Check its path, headers and body.',
            ),
          }
        : { error: toParleyError(thrown) };
  }
}

function unmatched(request: FastifyRequest): Answer {
  const path = request.url.split('?', 1)[0] ?? '';
  const methods = methodsOf(path);
  if (methods.length === 0 || methods.includes(request.method)) {
    return {
      error: new ParleyError(
        'not_found',
        'There is nothing at this path. GET /openapi.json lists what there is.',
      ),
    };
  }
  return {
    error: new ParleyError(
      'invalid_request',
      `This path does not take ${request.method}. It takes ${methods.join(', ')}.`,
    ),
    override: { status: 405, title: 'Method not allowed', headers: { allow: methods.join(', ') } },
  };
}
