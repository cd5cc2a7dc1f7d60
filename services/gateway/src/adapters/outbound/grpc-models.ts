import { modelAdmin } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
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

/** The model service's list over gRPC. */
export class GrpcModels implements Models {
  readonly #neighbour: Neighbour<modelAdmin.ModelAdminClient>;

  constructor(neighbour: Neighbour<modelAdmin.ModelAdminClient>) {
    this.#neighbour = neighbour;
  }

  async list(call: Call): Promise<readonly ListedModel[]> {
    const client = this.#neighbour.client();
    const { models } = await unary<modelAdmin.ListModelsRequest, modelAdmin.ListModelsResponse>(
      client.listModels.bind(client),
      {},
      outgoingOf(call),
    );
    return models.map((info) => ({
      name: info.model?.name ?? '',
      digest: info.model?.digest ?? '',
      aliases: info.aliases,
      state: states[info.state],
      engine: info.engine,
      contextTokens: info.contextTokens,
      createdAtMs: info.createdAt?.getTime() ?? 0,
      license: info.license,
      description: info.description,
      reason: info.reason,
    }));
  }
}
