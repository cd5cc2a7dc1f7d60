import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { loadConfig, readFleetSecrets, serviceSection } from '@parley/config';
import { fleet, instance } from '@parley/contracts';
import { FleetTokens, callContext, createGrpcClient, relay, serverStream, unary } from '@parley/grpc';
import type { CallContext, MessageStream } from '@parley/grpc';
import type { TenantContext } from '@parley/kernel';
import { startService } from '@parley/nest';
import type { RunningService, ServiceOptions } from '@parley/nest';
import type { ServiceName } from '@parley/telemetry';
import type { Observable } from 'rxjs';

export const tenant: TenantContext = { tenant: 'acme', role: 'user', keyId: 'key-1', requestId: 'req-1' };

/** What the test service's handlers do. */
export interface Behaviour {
  get?: (context: CallContext) => Promise<string>;
  watch?: () => AsyncIterable<string>;
}

export function message(reason: string): fleet.FleetStatus {
  return fleet.FleetStatus.fromPartial({ instances: [{ reason }] });
}

class TestModule {}

/** Decorators are applied as functions: they are compiled under `src` only. */
function testModule(behaviour: Behaviour): DynamicModule {
  class FleetController {
    async getFleet(_: fleet.GetFleetRequest, metadata: Metadata): Promise<fleet.FleetStatus> {
      return message((await behaviour.get?.(callContext(metadata))) ?? 'hello');
    }

    watchFleet(
      _: fleet.WatchFleetRequest,
      __: Metadata,
      call: ServerWritableStream<unknown, fleet.FleetStatus>,
    ): Observable<never> {
      return relay(behaviour.watch?.() ?? nothing(), call, message);
    }
  }
  Controller()(FleetController);
  for (const [key, method] of [
    ['getFleet', 'GetFleet'],
    ['watchFleet', 'WatchFleet'],
  ] as const) {
    const descriptor = Object.getOwnPropertyDescriptor(FleetController.prototype, key);
    if (descriptor !== undefined)
      GrpcMethod('parley.monitoring.v1.Fleet', method)(FleetController.prototype, key, descriptor);
  }
  return { module: TestModule, controllers: [FleetController] };
}

async function* nothing(): AsyncGenerator<string> {
  // Nothing to tell.
}

/** A data folder with a fleet secret, removed at the end of the block. */
export class DataFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'parley-nest-'));

  constructor() {
    writeFileSync(join(this.path, 'fleet-secret'), `${'s'.repeat(43)}\n`, { mode: 0o600 });
  }

  options(
    behaviour: Behaviour,
    more: Partial<ServiceOptions> = {},
    env: NodeJS.ProcessEnv = {},
  ): ServiceOptions {
    return {
      name: 'monitoring',
      config: loadConfig(serviceSection, {
        PARLEY_DATA: this.path,
        PARLEY_GRPC_PORT: '0',
        PARLEY_TELEMETRY_PORT: '0',
        PARLEY_LOG_LEVEL: 'silent',
        PARLEY_DRAIN_TIMEOUT_MS: '3000',
        ...env,
      }),
      allowedCallers: ['gateway'],
      grpcServices: [fleet.FleetService],
      module: () => testModule(behaviour),
      ...more,
    };
  }

  tokens(self: ServiceName): FleetTokens {
    return new FleetTokens(readFleetSecrets(join(this.path, 'fleet-secret')), self);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** A running test service with clients of it; all of it ends with the block. */
export class TestService implements AsyncDisposable {
  readonly service: RunningService;
  readonly #folder: DataFolder;
  readonly #clients: { close(): void }[] = [];

  private constructor(service: RunningService, folder: DataFolder) {
    this.service = service;
    this.#folder = folder;
  }

  static async start(
    behaviour: Behaviour = {},
    more: Partial<ServiceOptions> = {},
    env: NodeJS.ProcessEnv = {},
  ): Promise<TestService> {
    const folder = new DataFolder();
    return new TestService(await startService(folder.options(behaviour, more, env)), folder);
  }

  get(self: ServiceName = 'gateway', signal?: AbortSignal): Promise<fleet.FleetStatus> {
    const client = this.#fleetClient(self);
    return unary(client.getFleet.bind(client), {}, { tenant, signal });
  }

  watch(): MessageStream<fleet.FleetStatus> {
    const client = this.#fleetClient('gateway');
    return serverStream(client.watchFleet.bind(client), {}, { tenant });
  }

  describe(self: ServiceName): Promise<instance.DescribeResponse> {
    const client = createGrpcClient(instance.InstanceClient, this.#clientOptions(self));
    this.#clients.push(client);
    return unary(client.describe.bind(client), {}, { tenant });
  }

  telemetry(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.service.telemetryPort}${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.service.stop();
    this.#folder[Symbol.dispose]();
  }

  #fleetClient(self: ServiceName): fleet.FleetClient {
    const client = createGrpcClient(fleet.FleetClient, this.#clientOptions(self));
    this.#clients.push(client);
    return client;
  }

  #clientOptions(self: ServiceName): { addresses: string[]; tokens: FleetTokens } {
    return { addresses: [`127.0.0.1:${this.service.grpcPort}`], tokens: this.#folder.tokens(self) };
  }
}
