import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFleetSecrets } from '@parley/config';
import { fleet } from '@parley/contracts';
import { FleetTokens, createGrpcClient, serverStream, unary } from '@parley/grpc';
import type { MessageStream } from '@parley/grpc';
import type { TenantContext } from '@parley/kernel';
import { startService } from '@parley/nest';
import type { RunningService } from '@parley/nest';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import type { ServiceName } from '@parley/telemetry';
import { readConfig } from '../../src/config.ts';
import { monitoringService } from '../../src/monitoring-service.ts';

const admin: TenantContext = {
  tenant: 'operators',
  role: 'admin',
  keyId: 'key_admin',
  requestId: 'req_test',
};

/** The monitoring service with its real servers, and a client. */
export class RunningMonitoring implements AsyncDisposable {
  readonly service: RunningService;
  /** Verifies what monitoring signs. */
  readonly tokens: FleetTokens;
  readonly #client: fleet.FleetClient;
  readonly #folder: TemporaryFolder;

  private constructor(service: RunningService, tokens: FleetTokens, folder: TemporaryFolder) {
    this.service = service;
    this.tokens = tokens;
    this.#folder = folder;
    this.#client = createGrpcClient(fleet.FleetClient, {
      addresses: [`127.0.0.1:${service.grpcPort}`],
      tokens,
    });
  }

  /** @param env addresses of the fleet: `{ PARLEY_MODEL_ADDRESS: '127.0.0.1:1' }` */
  static async start(env: NodeJS.ProcessEnv, caller: ServiceName = 'gateway'): Promise<RunningMonitoring> {
    const folder = await temporaryFolder();
    const secretFile = join(folder.path, 'fleet-secret');
    await writeFile(secretFile, randomBytes(32).toString('hex'), { mode: 0o600 });
    const ports = { PARLEY_GRPC_PORT: '0', PARLEY_TELEMETRY_PORT: '0' };
    const config = readConfig({ PARLEY_DATA: folder.path, PARLEY_LOG_LEVEL: 'silent', ...ports, ...env });
    const service = await startService(monitoringService(config));
    return new RunningMonitoring(service, new FleetTokens(readFleetSecrets(secretFile), caller), folder);
  }

  async instance(name: string): Promise<fleet.Instance | undefined> {
    return (await this.status()).instances.find((one) => one.service === name);
  }

  status(): Promise<fleet.FleetStatus> {
    return unary(this.#client.getFleet.bind(this.#client), {}, { tenant: admin });
  }

  watch(): MessageStream<fleet.FleetStatus> {
    return serverStream(this.#client.watchFleet.bind(this.#client), {}, { tenant: admin });
  }

  /** The values of parley_fleet_instances that are not 0, as `service state`. */
  async counted(): Promise<Record<string, number>> {
    const response = await fetch(`http://127.0.0.1:${this.service.telemetryPort}/metrics`);
    const counts: Record<string, number> = {};
    for (const line of (await response.text()).split('\n')) {
      const series = /^parley_fleet_instances\{service="(\w+)",state="(\w+)"[^}]*\} (\d+)$/.exec(line);
      if (series !== null && series[3] !== '0') counts[`${series[1]} ${series[2]}`] = Number(series[3]);
    }
    return counts;
  }

  async ready(): Promise<boolean> {
    return (await fetch(`http://127.0.0.1:${this.service.telemetryPort}/readyz`)).ok;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.service.stop();
    await this.#folder[Symbol.asyncDispose]();
  }
}
