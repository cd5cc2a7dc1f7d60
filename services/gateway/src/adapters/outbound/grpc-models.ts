import { modelAdmin } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
import type {
  CachedModel,
  CatalogModel,
  LocalModel,
  ModelAlias,
  ModelInstance,
  ModelInventory,
  ModelOverview,
  PruneReport,
} from '../../ports/model-inventory.ts';
import type { ListedModel, Models } from '../../ports/models.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

const states: Readonly<Record<modelAdmin.ModelState, ListedModel['state']>> = {
  [modelAdmin.ModelState.MODEL_STATE_UNSPECIFIED]: 'registered',
  [modelAdmin.ModelState.UNRECOGNIZED]: 'registered',
  [modelAdmin.ModelState.MODEL_STATE_REGISTERED]: 'registered',
  [modelAdmin.ModelState.MODEL_STATE_LOADING]: 'loading',
  [modelAdmin.ModelState.MODEL_STATE_READY]: 'ready',
  [modelAdmin.ModelState.MODEL_STATE_DRAINING]: 'draining',
  [modelAdmin.ModelState.MODEL_STATE_FAILED]: 'failed',
};

/** The model service's lists over gRPC. */
export class GrpcModels implements Models, ModelInventory {
  readonly #neighbour: Neighbour<modelAdmin.ModelAdminClient>;

  constructor(neighbour: Neighbour<modelAdmin.ModelAdminClient>) {
    this.#neighbour = neighbour;
  }

  async list(call: Call): Promise<readonly ListedModel[]> {
    return (await this.overview(call)).models;
  }

  async overview(call: Call): Promise<ModelOverview> {
    const client = this.#neighbour.client();
    const { models, aliases, instances } = await unary<
      modelAdmin.ListModelsRequest,
      modelAdmin.ListModelsResponse
    >(client.listModels.bind(client), {}, outgoingOf(call));
    return {
      models: models.map(fromModelInfo),
      aliases: aliases.map(fromAliasInfo),
      instances: instances.map(fromInstanceInfo),
    };
  }

  async catalog(call: Call): Promise<readonly CatalogModel[]> {
    const client = this.#neighbour.client();
    const { entries } = await unary<modelAdmin.ListCatalogRequest, modelAdmin.ListCatalogResponse>(
      client.listCatalog.bind(client),
      {},
      outgoingOf(call),
    );
    return entries.map((entry) => ({ ...entry, commercialUse: entry.commercialUse }));
  }

  async local(call: Call): Promise<readonly LocalModel[]> {
    const client = this.#neighbour.client();
    const { models } = await unary<modelAdmin.ListLocalModelsRequest, modelAdmin.ListLocalModelsResponse>(
      client.listLocalModels.bind(client),
      {},
      outgoingOf(call),
    );
    return models;
  }

  async prune(options: { dryRun: boolean; maxBytes?: number }, call: Call): Promise<PruneReport> {
    const client = this.#neighbour.client();
    const { dryRun, maxBytes = 0 } = options;
    const report = await unary<modelAdmin.PruneModelsRequest, modelAdmin.PruneModelsResponse>(
      client.pruneModels.bind(client),
      { dryRun, maxBytes },
      outgoingOf(call),
    );
    return {
      removed: report.removed.map(fromCachedModel),
      kept: report.kept.map(fromCachedModel),
      maxBytes: report.maxBytes,
    };
  }
}

function fromCachedModel({ name, bytes, usedAt, needed }: modelAdmin.CachedModel): CachedModel {
  return { name, bytes, usedAtMs: usedAt?.getTime() ?? 0, needed };
}

function fromModelInfo({ model, state, createdAt, lineage, ...info }: modelAdmin.ModelInfo): ListedModel {
  return {
    ...info,
    name: model?.name ?? '',
    digest: model?.digest ?? '',
    state: states[state],
    commercialUse: info.commercialUse,
    createdAtMs: createdAt?.getTime() ?? 0,
    lineage: lineage && fromLineage(lineage),
  };
}

function fromLineage({ source, ...lineage }: modelAdmin.ModelLineage): ListedModel['lineage'] {
  return { ...lineage, kept: lineage.kept, source: source?.name ?? '', sourceDigest: source?.digest ?? '' };
}

function fromAliasInfo({ alias, model, generation, previousModel }: modelAdmin.AliasInfo): ModelAlias {
  return { alias, model: model?.name ?? '', digest: model?.digest ?? '', generation, previousModel };
}

function fromInstanceInfo({ instanceId, models, aliases }: modelAdmin.InstanceInfo): ModelInstance {
  return {
    instance: instanceId,
    models: models.map(({ model, state, reason }) => ({
      name: model?.name ?? '',
      digest: model?.digest ?? '',
      state: states[state],
      reason,
    })),
    aliases: aliases.map(({ alias, model, generation }) => ({ alias, model, generation })),
  };
}
