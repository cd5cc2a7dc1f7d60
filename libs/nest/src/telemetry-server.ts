import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { ServiceRuntime } from './service-runtime.ts';

/** The HTTP server of /metrics, /healthz and /readyz, on a port that no client of the API reaches. */
export class TelemetryServer {
  readonly #server: Server;

  constructor(runtime: Pick<ServiceRuntime, 'metrics' | 'readiness'>) {
    this.#server = createServer((request, response) => {
      answer(runtime, request, response).catch((error: unknown) => {
        send(response, 500, 'text/plain', error instanceof Error ? error.message : 'failed');
      });
    });
  }

  /** @returns the port, of interest when `port` is 0. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

type Sources = Pick<ServiceRuntime, 'metrics' | 'readiness'>;

async function answer(
  { metrics, readiness }: Sources,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendJson(response, 405, { error: 'method not allowed' });
  switch (request.url?.split('?')[0] ?? '') {
    case '/metrics':
      return send(response, 200, metrics.contentType, await metrics.text());
    case '/healthz':
      return sendJson(response, 200, { alive: true });
    case '/readyz': {
      const report = readiness.report();
      return sendJson(response, report.ready ? 200 : 503, report);
    }
    default:
      return sendJson(response, 404, { error: 'not found' });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body);
}
