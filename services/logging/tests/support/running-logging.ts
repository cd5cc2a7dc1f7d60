import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFleetSecrets } from '@parley/config';
import { record } from '@parley/contracts';
import { openSqliteEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import { FleetTokens, createGrpcClient, serverStream, unary } from '@parley/grpc';
import type { MessageStream } from '@parley/grpc';
import type { TenantContext } from '@parley/kernel';
import { startService } from '@parley/nest';
import type { RunningService } from '@parley/nest';
import type { ServiceName } from '@parley/telemetry';
import { readConfig } from '../../src/config.ts';
import { loggingService } from '../../src/logging-service.ts';

/** Whoever may read every tenant. */
export const admin: TenantContext = {
  tenant: 'operators',
  role: 'admin',
  keyId: 'key_admin',
  requestId: 'req_test',
};

/** Makes the folder one that services of a fleet can start on. */
export async function prepareDataFolder(dataDir: string): Promise<void> {
  await writeFile(join(dataDir, 'fleet-secret'), randomBytes(32).toString('hex'), { mode: 0o600 });
}

/** The event log that the service reads, for a test to write to. */
export function openEventLog(dataDir: string): EventLog {
  return openSqliteEventLog(join(dataDir, 'fleet.db'));
}

/** The logging service with its real servers, and a client. */
export class RunningLogging implements AsyncDisposable {
  readonly service: RunningService;
  readonly #client: record.RecordClient;

  private constructor(service: RunningService, client: record.RecordClient) {
    this.service = service;
    this.#client = client;
  }

  static async start(
    dataDir: string,
    caller: ServiceName = 'gateway',
    env: NodeJS.ProcessEnv = {},
  ): Promise<RunningLogging> {
    const ports = { PARLEY_GRPC_PORT: '0', PARLEY_TELEMETRY_PORT: '0' };
    const config = readConfig({ PARLEY_DATA: dataDir, PARLEY_LOG_LEVEL: 'silent', ...ports, ...env });
    const service = await startService(loggingService(config));
    const tokens = new FleetTokens(readFleetSecrets(join(dataDir, 'fleet-secret')), caller);
    const client = createGrpcClient(record.RecordClient, {
      addresses: [`127.0.0.1:${service.grpcPort}`],
      tokens,
    });
    return new RunningLogging(service, client);
  }

  query(
    request: Partial<record.QueryEventsRequest> = {},
    tenant = admin,
  ): Promise<record.QueryEventsResponse> {
    const message = { filter: undefined, after: '', limit: 0, ...request };
    return unary(this.#client.queryEvents.bind(this.#client), message, { tenant });
  }

  export(
    request: Partial<record.ExportEventsRequest> = {},
    tenant = admin,
  ): MessageStream<record.RecordedEvent> {
    return serverStream(
      this.#client.exportEvents.bind(this.#client),
      { filter: undefined, after: '', jobId: '', ...request },
      { tenant },
    );
  }

  listDeadLetters(
    request: Partial<record.ListDeadLettersRequest> = {},
    tenant = admin,
  ): Promise<record.ListDeadLettersResponse> {
    const message = { after: '', limit: 0, ...request };
    return unary(this.#client.listDeadLetters.bind(this.#client), message, { tenant });
  }

  retryDeadLetters(ids: string[] = [], tenant = admin): Promise<record.RetryDeadLettersResponse> {
    return unary(this.#client.retryDeadLetters.bind(this.#client), { ids }, { tenant });
  }

  eraseUser(request: record.EraseUserRequest, tenant = admin): Promise<record.EraseUserResponse> {
    return unary(this.#client.eraseUser.bind(this.#client), request, { tenant });
  }

  /** The value of a series on /metrics; undefined when there is no such series. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
    const response = await fetch(`http://127.0.0.1:${this.service.telemetryPort}/metrics`);
    const series = (await response.text())
      .split('\n')
      .find(
        (line) =>
          line.startsWith(`${name}{`) &&
          Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)),
      );
    return series === undefined ? undefined : Number(series.split(' ').at(-1));
  }

  async readiness(): Promise<{ ready: boolean; checks: { name: string; ok: boolean; reason: string }[] }> {
    const response = await fetch(`http://127.0.0.1:${this.service.telemetryPort}/readyz`);
    return (await response.json()) as Awaited<ReturnType<RunningLogging['readiness']>>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.service.stop();
  }
}

/** A filter message with what a test asks for. */
export function filter(parts: Partial<record.EventFilter>): record.EventFilter {
  return { subject: '', types: [], from: undefined, to: undefined, tenant: '', turnId: '', ...parts };
}
