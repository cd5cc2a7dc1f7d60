import { modelAdmin } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
import type { CatalogModel, ModelAlias, ModelInventory } from '../../ports/model-inventory.ts';
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

  async overview(call: Call): Promise<{ models: readonly ListedModel[]; aliases: readonly ModelAlias[] }> {
    const client = this.#neighbour.client();
    const { models, aliases } = await unary<modelAdmin.ListModelsRequest, modelAdmin.ListModelsResponse>(
      client.listModels.bind(client),
      {},
      outgoingOf(call),
    );
    return { models: models.map(fromModelInfo), aliases: aliases.map(fromAliasInfo) };
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
}

function fromModelInfo({ model, state, createdAt, ...info }: modelAdmin.ModelInfo): ListedModel {
  return {
    ...info,
    name: model?.name ?? '',
    digest: model?.digest ?? '',
    state: states[state],
    commercialUse: info.commercialUse,
    createdAtMs: createdAt?.getTime() ?? 0,
  };
}

function fromAliasInfo({ alias, model, generation, previousModel }: modelAdmin.AliasInfo): ModelAlias {
  return { alias, model: model?.name ?? '', digest: model?.digest ?? '', generation, previousModel };
}
