import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { modelAdmin } from '@parley/contracts';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import type { AliasPointer } from '../../../domain/alias-table.ts';
import type { KnownModel, ModelState } from '../../../domain/known-model.ts';
import { ModelRegistry } from '../../../domain/model-registry.ts';

const states: Readonly<Record<ModelState['phase'], modelAdmin.ModelState>> = {
  registered: modelAdmin.ModelState.MODEL_STATE_REGISTERED,
  loading: modelAdmin.ModelState.MODEL_STATE_LOADING,
  ready: modelAdmin.ModelState.MODEL_STATE_READY,
  draining: modelAdmin.ModelState.MODEL_STATE_DRAINING,
  failed: modelAdmin.ModelState.MODEL_STATE_FAILED,
  unloaded: modelAdmin.ModelState.MODEL_STATE_REGISTERED,
};

/** parley.model.v1.ModelAdmin/ListModels */
@Controller()
export class ListModelsController {
  readonly #registry: ModelRegistry;
  readonly #startedAt: Date;

  constructor(
    @Inject(ModelRegistry) registry: ModelRegistry,
    @Inject(RUNTIME) { startedAt }: ServiceRuntime,
  ) {
    this.#registry = registry;
    this.#startedAt = startedAt;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'ListModels')
  listModels(): modelAdmin.ListModelsResponse {
    const { models, aliases } = this.#registry;
    return {
      models: models.map((model) => this.#modelInfo(model, aliases.of(model.name))),
      aliases: aliases.all.map((pointer) => this.#aliasInfo(pointer)),
    };
  }

  #modelInfo({ definition, identity, state, slot }: KnownModel, aliases: string[]): modelAdmin.ModelInfo {
    const { terms } = definition;
    return {
      model: identity,
      aliases,
      state: states[state.phase],
      engine: definition.engine,
      contextTokens: definition.contextTokens,
      slots: definition.slots,
      fileBytes: slot?.fileBytes ?? 0,
      reason: state.phase === 'ready' ? '' : state.reason,
      createdAt: this.#startedAt,
      license: terms.license,
      description: definition.description,
      termsUrl: terms.url ?? '',
      commercialUse: terms.commercialUse,
      busySlots: slot?.admission.use.busy ?? 0,
    };
  }

  #aliasInfo({ alias, model, generation, previous = '' }: AliasPointer): modelAdmin.AliasInfo {
    const known = this.#registry.models.find(({ name }) => name === model);
    const identity = known?.identity ?? { name: model, digest: '' };
    return { alias, model: identity, generation, previousModel: previous };
  }
}
