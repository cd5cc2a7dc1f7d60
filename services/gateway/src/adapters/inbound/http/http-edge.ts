import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import { toParleyError } from '@parley/kernel';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseJson } from '../../../domain/json-text.ts';
import { unauthenticated } from '../../../domain/problem.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import { bearerKey } from '../api-keys.ts';
import type { ApiKeys } from '../api-keys.ts';
import { contextOf } from './request-context.ts';
import type { RequestContext } from './request-context.ts';
import { sendProblem } from './responses.ts';

export interface HttpEdgeOptions {
  readonly keys: ApiKeys;
  readonly events: GatewayEvents;
  readonly bodyLimitBytes: number;
}

/** Routes that answer without a key, by their pattern: an unusual spelling of a path matches none. */
const publicRoutes: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/openapi.json']);

/**
 * What happens to every request before its route: it gets its id, is counted, and must have a key before its body is
 * read. JSON is the only content type.
 */
export function installHttpEdge(adapter: FastifyAdapter, options: HttpEdgeOptions): void {
  const { events, keys } = options;
  const fastify = adapter.getInstance();
  takeOnlyJson(adapter, options.bodyLimitBytes);
  const connections = watchConnections(fastify.server, events);
  fastify.addHook('onRequest', (request, reply, done) => {
    watchRequest(request, reply, events, connections);
    if (publicRoutes.has(request.routeOptions.url)) return done();
    try {
      contextOf(request).holder = keys.authenticate(bearerKey(request.headers.authorization));
    } catch (thrown) {
      const error = toParleyError(thrown);
      events.refused(error);
      return sendProblem(request, reply, error, unauthenticated);
    }
    return done();
  });
}

/** Nest adds its own parsers for the types that have none; the pattern stands in for all but JSON. */
function takeOnlyJson(adapter: FastifyAdapter, bodyLimit: number): void {
  adapter.getInstance().removeAllContentTypeParsers();
  adapter.useBodyParser('application/json', false, { bodyLimit }, (_request, body, done) => {
    try {
      done(null, parseJson(body.toString('utf8')));
    } catch (error) {
      done(toParleyError(error));
    }
  });
  adapter.useBodyParser(/^(?!application\/json)/, false, { bodyLimit }, (_request, _body, done) => {
    done(new UnsupportedMediaTypeException());
  });
}

/** Requests of each open connection whose answer has not ended. */
type Connections = WeakMap<Socket, Set<RequestContext>>;

/**
 * A response that waits behind others on its connection (HTTP pipelining) never learns that the connection is gone,
 * so the connection tells its requests.
 */
function watchConnections(server: Server, events: GatewayEvents): Connections {
  const connections: Connections = new WeakMap();
  // Fastify switches the first off; a client that sends its request drop by drop would hold it for ever.
  server.requestTimeout = 60_000;
  server.headersTimeout = 30_000;
  server.on('connection', (socket: Socket) => {
    const open = new Set<RequestContext>();
    connections.set(socket, open);
    events.connectionOpened('http');
    socket.once('close', () => {
      events.connectionClosed('http');
      for (const context of open) context.end();
    });
  });
  return connections;
}

/** Counts a request from its arrival to the end of its answer, however that comes about. */
function watchRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  events: GatewayEvents,
  connections: Connections,
): void {
  const context = contextOf(request);
  const { raw } = reply;
  const open = connections.get(request.raw.socket);
  open?.add(context);
  events.requestStarted('http');
  context.whenEnded(() => {
    open?.delete(context);
    events.requestEnded({
      route: request.routeOptions.url ?? 'unmatched',
      protocol: context.protocol,
      status: raw.headersSent ? raw.statusCode : 499,
      durationMs: context.elapsedMs(),
    });
  });
  raw.once('close', () => context.end());
}
