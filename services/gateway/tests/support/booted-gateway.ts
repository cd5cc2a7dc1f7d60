import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '@parley/nest';
import type { RunningService } from '@parley/nest';
import { readConfig } from '../../src/config.ts';
import { gatewayService } from '../../src/gateway-service.ts';

export const fleetSecret = 'a-fleet-secret-of-more-than-32-characters';
export const apiKey = 'test-key';

/** A request whose headers are a plain record, so that the key can join them. */
export type GatewayRequest = Omit<RequestInit, 'headers'> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/** The gateway as a whole, on free ports, with neighbours that a test names. */
export class BootedGateway implements AsyncDisposable {
  readonly #folder: string;
  readonly #service: RunningService;
  readonly url: string;
  /** Where the public gRPC API is. */
  readonly grpcAddress: string;

  private constructor(folder: string, service: RunningService) {
    this.#folder = folder;
    this.#service = service;
    this.url = `http://127.0.0.1:${service.httpPort}`;
    this.grpcAddress = `127.0.0.1:${service.publicPort}`;
  }

  /** @param variables of the environment, beside those that every test needs */
  static async start(variables: Record<string, string>): Promise<BootedGateway> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-gateway-'));
    await writeFile(join(folder, 'fleet-secret'), `${fleetSecret}\n`, { mode: 0o600 });
    const config = readConfig({
      PARLEY_DATA: folder,
      PARLEY_PORT: '0',
      PARLEY_GRPC_PORT: '0',
      PARLEY_PUBLIC_GRPC_PORT: '0',
      PARLEY_TELEMETRY_PORT: '0',
      PARLEY_API_KEY: apiKey,
      PARLEY_LOG_LEVEL: 'silent',
      ...variables,
    });
    return new BootedGateway(folder, await startService(gatewayService(config)));
  }

  get runtime(): RunningService['runtime'] {
    return this.#service.runtime;
  }

  /** Sends a request with the key. */
  fetch(path: string, init: GatewayRequest = {}): Promise<Response> {
    return fetch(this.url + path, {
      ...init,
      headers: { authorization: `Bearer ${apiKey}`, ...init.headers },
    });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
