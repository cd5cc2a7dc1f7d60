import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { PruneCache } from '../../../domain/pull/prune-cache.ts';
import type { CachedModel } from '../../../domain/pull/prune-cache.ts';

/** parley.model.v1.ModelAdmin/PruneModels */
@Controller()
export class PruneModelsController {
  readonly #bound: PruneCache;

  constructor(@Inject(PruneCache) bound: PruneCache) {
    this.#bound = bound;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'PruneModels')
  async pruneModels(request: modelAdmin.PruneModelsRequest): Promise<modelAdmin.PruneModelsResponse> {
    const { dryRun, maxBytes } = request;
    const bound = maxBytes === 0 ? {} : { maxBytes };
    const report = await this.#bound.prune({ dryRun, ...bound });
    return {
      removed: report.removed.map(cachedModelMessage),
      kept: report.kept.map(cachedModelMessage),
      maxBytes: report.maxBytes,
    };
  }
}

function cachedModelMessage({ name, bytes, usedAtMs, needed }: CachedModel): modelAdmin.CachedModel {
  return { name, bytes, usedAt: new Date(usedAtMs), needed };
}
