import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { modelAdmin } from '@parley/contracts';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { ModelRegistry } from '../../../domain/model-registry.ts';
import type { ModelSlot, SlotState } from '../../../domain/model-slot.ts';

const states: Readonly<Record<SlotState['phase'], modelAdmin.ModelState>> = {
  loading: modelAdmin.ModelState.MODEL_STATE_LOADING,
  ready: modelAdmin.ModelState.MODEL_STATE_READY,
  failed: modelAdmin.ModelState.MODEL_STATE_FAILED,
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
    return { models: this.#registry.slots.map((slot) => this.#modelInfo(slot)) };
  }

  #modelInfo({ definition, identity, state, fileBytes }: ModelSlot): modelAdmin.ModelInfo {
    return {
      model: identity,
      aliases: [...definition.aliases],
      state: states[state.phase],
      engine: definition.engine,
      contextTokens: definition.contextTokens,
      slots: definition.slots,
      fileBytes,
      reason: state.phase === 'ready' ? '' : state.reason,
      createdAt: this.#startedAt,
      license: definition.terms.license,
      description: definition.description,
    };
  }
}
