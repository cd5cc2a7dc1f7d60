import { join } from 'node:path';
import { readFleetSecrets } from '@parley/config';
import { modelAdmin } from '@parley/contracts';
import { createGrpcClient, FleetTokens, unary } from '@parley/grpc';
import type { TenantContext } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { expect } from 'vitest';
import type { RunningModelService } from '../running-service.ts';

const tenant: TenantContext = { tenant: 'acme', role: 'admin', keyId: 'key_test', requestId: 'req_test' };

/** The RPCs of pulls and jobs of a running service, over gRPC. */
export class PullClient implements Disposable {
  readonly #admin: modelAdmin.ModelAdminClient;

  constructor({ service }: RunningModelService, dataDir: string) {
    const tokens = new FleetTokens(readFleetSecrets(join(dataDir, 'fleet-secret')), 'gateway');
    const addresses = [`127.0.0.1:${service.grpcPort}`];
    this.#admin = createGrpcClient(modelAdmin.ModelAdminClient, { addresses, tokens });
  }

  pull(source: string): Promise<modelAdmin.ModelJob> {
    return unary(this.#admin.pullModel.bind(this.#admin), { source, idempotency: undefined }, { tenant });
  }

  async catalog(): Promise<modelAdmin.CatalogEntry[]> {
    return (await unary(this.#admin.listCatalog.bind(this.#admin), {}, { tenant })).entries;
  }

  local(): Promise<modelAdmin.ListLocalModelsResponse> {
    return unary(this.#admin.listLocalModels.bind(this.#admin), {}, { tenant });
  }

  prune(request: modelAdmin.PruneModelsRequest): Promise<modelAdmin.PruneModelsResponse> {
    return unary(this.#admin.pruneModels.bind(this.#admin), request, { tenant });
  }

  async models(): Promise<modelAdmin.ModelInfo[]> {
    return (await unary(this.#admin.listModels.bind(this.#admin), {}, { tenant })).models;
  }

  job(id: string): Promise<modelAdmin.ModelJob> {
    return unary(this.#admin.getModelJob.bind(this.#admin), { id }, { tenant });
  }

  async jobs(limit = 0): Promise<modelAdmin.ModelJob[]> {
    return (await unary(this.#admin.listModelJobs.bind(this.#admin), { limit }, { tenant })).jobs;
  }

  cancel(id: string): Promise<modelAdmin.ModelJob> {
    return unary(this.#admin.cancelModelJob.bind(this.#admin), { id }, { tenant });
  }

  /** The job once it has ended. */
  ended(id: string, timeoutMs = 30_000): Promise<modelAdmin.ModelJob> {
    return eventually(
      async () => {
        const job = await this.job(id);
        expect(job.endedAt).toBeDefined();
        return job;
      },
      { timeoutMs, everyMs: 50 },
    );
  }

  [Symbol.dispose](): void {
    this.#admin.close();
  }
}
