import type { Logger, Metrics } from '@parley/telemetry';
import type { ErrorCode, ParleyError } from '@parley/kernel';
import type { EndedRequest, GatewayEvents, Protocol } from './ports/gateway-events.ts';

/** Refusals that cost no work count as rejected; the rest are answers to a request that was worked on. */
const rejections: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'unsupported',
  'unauthenticated',
  'permission_denied',
  'payload_too_large',
  'rate_limited',
  'overloaded',
]);

/** One function per business event: its metric and its log line. */
export class TelemetryEvents implements GatewayEvents {
  readonly #logger: Logger;
  readonly #duration;
  readonly #inflight;
  readonly #connections;
  readonly #rejected;
  readonly #firstChunk;

  constructor(metrics: Metrics, logger: Logger) {
    this.#logger = logger;
    this.#duration = metrics.histogram('parley_gateway_request_duration_seconds');
    this.#inflight = metrics.gauge('parley_gateway_inflight_requests');
    this.#connections = metrics.gauge('parley_gateway_connections');
    this.#rejected = metrics.counter('parley_gateway_rejected_total');
    this.#firstChunk = metrics.histogram('parley_gateway_time_to_first_chunk_seconds');
  }

  requestStarted(protocol: Protocol): void {
    this.#inflight.inc({ protocol });
  }

  streamOpened(): void {
    this.#inflight.dec({ protocol: 'http' });
    this.#inflight.inc({ protocol: 'sse' });
    this.#connections.inc({ protocol: 'sse' });
  }

  firstChunkSent(afterMs: number): void {
    this.#firstChunk.observe({}, afterMs / 1000);
  }

  requestEnded({ route, protocol, status, durationMs }: EndedRequest): void {
    this.#inflight.dec({ protocol });
    if (protocol === 'sse') this.#connections.dec({ protocol });
    this.#duration.observe({ route, protocol, status_class: statusClassOf(status) }, durationMs / 1000);
    this.#logger.debug({ route, protocol, status, durationMs }, 'Request ended');
  }

  connectionOpened(protocol: Protocol): void {
    this.#connections.inc({ protocol });
  }

  connectionClosed(protocol: Protocol): void {
    this.#connections.dec({ protocol });
  }

  refused(error: ParleyError): void {
    if (rejections.has(error.code)) this.#rejected.inc({ reason: error.code });
  }

  failed(error: ParleyError, requestId: string): void {
    const { code, details, message } = error;
    if (code === 'internal' || code === 'config_invalid')
      this.#logger.error({ requestId, code, details, error }, 'Request failed');
    // Expected ones need no stack: the code says where they come from.
    else this.#logger.warn({ requestId, code, details, message }, 'Request failed');
  }

  interrupted(error: ParleyError): void {
    this.#logger.warn({ code: error.code }, 'Turn log broke off; attaching again');
  }

  slowReaderClosed(requestId: string): void {
    this.#rejected.inc({ reason: 'slow_reader' });
    this.#logger.info({ requestId }, 'Client took nothing for too long and was disconnected');
  }
}

function statusClassOf(status: number): '1xx' | '2xx' | '3xx' | '4xx' | '5xx' {
  if (status >= 500) return '5xx';
  if (status >= 400) return '4xx';
  if (status >= 300) return '3xx';
  return status >= 200 ? '2xx' : '1xx';
}
