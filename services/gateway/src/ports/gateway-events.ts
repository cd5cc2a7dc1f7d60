import type { ParleyError } from '@parley/kernel';

/** How a client talks: a bounded set, since it is a metric label. */
export type Protocol = 'http' | 'sse' | 'websocket' | 'grpc';

/** A request whose answer has ended. */
export interface EndedRequest {
  /** The route's pattern, never the path: it is a metric label. */
  readonly route: string;
  readonly protocol: Protocol;
  /** 499 when the client left before the answer began. */
  readonly status: number;
  readonly durationMs: number;
}

/** What happens at the edge, as logs and metrics tell it. */
export interface GatewayEvents {
  requestStarted(protocol: Protocol): void;
  /** The answer of a request over HTTP turned into a stream. */
  streamOpened(): void;
  /** The first text of a streamed answer left. */
  firstChunkSent(afterMs: number): void;
  requestEnded(request: EndedRequest): void;
  connectionOpened(protocol: Protocol): void;
  connectionClosed(protocol: Protocol): void;
  /** A request was answered with an error that is its client's, or that protects the fleet. */
  refused(error: ParleyError): void;
  /** A request or stream failed by a fault of the fleet, not of the client. */
  failed(error: ParleyError, requestId: string): void;
  /** A turn's log broke off and is attached to again. */
  interrupted(error: ParleyError): void;
  /** A client took nothing for too long and was disconnected. */
  slowReaderClosed(requestId: string): void;
}
