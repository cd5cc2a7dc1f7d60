import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { ParleyError, sleep, toParleyError } from '@parley/kernel';
import type { ClientIdentity } from '../../../domain/client-identity.ts';
import { languagesOf } from '../../../domain/languages.ts';
import { unauthenticated } from '../../../domain/problem.ts';
import { requestIdOf, traceparentOf } from '../../../domain/request-identity.ts';
import { gatewayStopping } from '../../../domain/running-turns.ts';
import type { Turns } from '../../../domain/turns.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import type { ApiKeys } from '../api-keys.ts';
import { endWithProblem } from '../raw-problem.ts';
import { closeCodes } from './close-codes.ts';
import type { Close } from './close-codes.ts';
import { Liveness } from './liveness.ts';
import type { LivenessOptions } from './liveness.ts';
import { SocketOutbox } from './socket-outbox.ts';
import { acceptedProtocol, keyOfUpgrade, wantsWebSocket } from './upgrade-request.ts';
import { WebSocketSession } from './web-socket-session.ts';

export interface WebSocketEdgeOptions extends LivenessOptions {
  readonly maxConnections: number;
  /** Turns at once on one connection. */
  readonly maxTurns: number;
  /** A larger frame ends its connection with 1009. */
  readonly maxFrameBytes: number;
  /** A client that takes nothing for this long is disconnected. */
  readonly stallTimeoutMs: number;
}

/** A client that does not answer a close has this long before its connection is cut. */
const closeGraceMs = 2000;

/** The WebSocket view of the API: upgrades of `GET /v1/responses`, authenticated before they are accepted. */
export class WebSocketEdge {
  readonly #keys: ApiKeys;
  readonly #turns: Turns;
  readonly #events: GatewayEvents;
  readonly #options: WebSocketEdgeOptions;
  readonly #server: WebSocketServer;
  readonly #sessions = new Set<WebSocketSession>();
  #stopping = false;

  constructor(keys: ApiKeys, turns: Turns, events: GatewayEvents, options: WebSocketEdgeOptions) {
    this.#keys = keys;
    this.#turns = turns;
    this.#events = events;
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      maxPayload: options.maxFrameBytes,
      // Compression costs memory for each connection, and a small frame may grow to a large one.
      perMessageDeflate: false,
      handleProtocols: acceptedProtocol,
    });
    this.#server.on('wsClientError', (fault, socket) => {
      const why = `The request asks for no WebSocket that can be given: ${fault.message}.`;
      this.#refuse(socket, new ParleyError('invalid_request', why), requestIdOf(undefined));
    });
  }

  /** Takes the upgrades of a server; its other requests stay what they are. */
  install(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    Object.assign(server, { shouldUpgradeCallback: wantsWebSocket });
  }

  /** Takes no new connections and turns; each connection closes when its last turn has ended. */
  drain(): void {
    this.#stopping = true;
    for (const session of this.#sessions) session.drain();
  }

  /** Closes what is left, and waits for it. @param signal aborts when there is no time left */
  async close(signal: AbortSignal): Promise<void> {
    for (const session of this.#sessions) session.close(closeCodes.stopping);
    const cut = setTimeout(() => this.#cut(), closeGraceMs);
    try {
      while (this.#sessions.size > 0) await sleep(10, signal);
    } finally {
      clearTimeout(cut);
      this.#cut();
    }
  }

  #cut(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const requestId = requestIdOf(request.headers['x-request-id']);
    socket.on('error', () => undefined);
    try {
      if (this.#stopping) throw gatewayStopping();
      const holder = this.#keys.authenticate(keyOfUpgrade(request));
      if (this.#sessions.size >= this.#options.maxConnections) throw tooMany(this.#options.maxConnections);
      const identity: ClientIdentity = {
        holder,
        traceparent: traceparentOf(request.headers['traceparent']),
        languages: languagesOf(request.headers['accept-language']),
      };
      this.#server.handleUpgrade(request, socket, head, (webSocket) =>
        this.#open(webSocket, socket as Socket, identity, requestId),
      );
    } catch (thrown) {
      this.#refuse(socket, toParleyError(thrown), requestId);
    }
  }

  #refuse(socket: Duplex, error: ParleyError, requestId: string): void {
    this.#events.refused(error);
    endWithProblem(socket, error, requestId, error.code === 'unauthenticated' ? unauthenticated : undefined);
  }

  #open(webSocket: WebSocket, socket: Socket, identity: ClientIdentity, requestId: string): void {
    const { stallTimeoutMs, maxTurns } = this.#options;
    const outbox = new SocketOutbox(webSocket, socket, {
      stallTimeoutMs,
      onStalled: () => {
        this.#events.slowReaderClosed(requestId);
        session.close(closeCodes.slowReader);
      },
    });
    const session = new WebSocketSession(
      { webSocket, outbox, identity },
      this.#turns,
      this.#events,
      maxTurns,
    );
    const dead = (close: Close): void => {
      session.close(close);
      // Nobody may be there to answer the close; a slow reader is given longer, by `ws` itself.
      setTimeout(() => webSocket.terminate(), closeGraceMs).unref();
    };
    const liveness = new Liveness(webSocket, outbox, this.#options, () => session.busy, dead);
    this.#sessions.add(session);
    this.#events.connectionOpened('websocket');
    webSocket.on('message', () => liveness.said());
    // What breaks the protocol is answered by `ws` with its close code.
    webSocket.on('error', () => undefined);
    webSocket.once('close', () => {
      liveness[Symbol.dispose]();
      this.#sessions.delete(session);
      this.#events.connectionClosed('websocket');
    });
  }
}

function tooMany(limit: number): ParleyError {
  return new ParleyError(
    'overloaded',
    `This gateway already holds ${limit} connections, its limit. Try again, or raise PARLEY_WS_MAX_CONNECTIONS.`,
  );
}
