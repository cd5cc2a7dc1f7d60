import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { modelAdmin } from '@parley/contracts';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import type { AliasPointer } from '../../../domain/models/alias-table.ts';
import type { InstanceReport } from '../../../domain/fleet/instance-report.ts';
import { ModelFleet } from '../../../domain/fleet/model-fleet.ts';
import type { KnownModel, ModelState } from '../../../domain/models/known-model.ts';
import type { ModelLineage } from '../../../domain/models/model-definition.ts';
import { ModelRegistry } from '../../../domain/models/model-registry.ts';

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
  readonly #fleet: ModelFleet;

  constructor(
    @Inject(ModelRegistry) registry: ModelRegistry,
    @Inject(RUNTIME) { startedAt }: ServiceRuntime,
    @Inject(ModelFleet) fleet: ModelFleet,
  ) {
    this.#fleet = fleet;
    this.#registry = registry;
    this.#startedAt = startedAt;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'ListModels')
  async listModels(): Promise<modelAdmin.ListModelsResponse> {
    const { models, aliases } = this.#registry;
    return {
      models: models.map((model) => this.#modelInfo(model, aliases.of(model.name))),
      aliases: aliases.all.map((pointer) => this.#aliasInfo(pointer)),
      instances: await this.#instances(),
    };
  }

  /** The list is of use without the others as well: a store that is away keeps nobody from it. */
  async #instances(): Promise<modelAdmin.InstanceInfo[]> {
    const reports = await this.#fleet.instances().catch(() => []);
    return reports.map(instanceInfo);
  }

  #modelInfo({ definition, identity, state, slot }: KnownModel, aliases: string[]): modelAdmin.ModelInfo {
    const { terms } = definition;
    return {
      model: identity,
      aliases,
      state: states[state.phase],
      engine: definition.engine,
      contextTokens: state.phase === 'ready' ? state.model.contextTokens : definition.contextTokens,
      slots: definition.slots,
      fileBytes: slot?.fileBytes ?? 0,
      reason: state.phase === 'ready' ? '' : state.reason,
      createdAt: this.#startedAt,
      license: terms.license,
      description: definition.description,
      termsUrl: terms.url ?? '',
      commercialUse: terms.commercialUse,
      busySlots: slot?.admission.use.busy ?? 0,
      lineage: definition.lineage && lineageMessage(definition.lineage),
    };
  }

  #aliasInfo({ alias, model, generation, previous = '' }: AliasPointer): modelAdmin.AliasInfo {
    const known = this.#registry.named(model);
    const identity = known?.identity ?? { name: model, digest: '' };
    return { alias, model: identity, generation, previousModel: previous };
  }
}

function lineageMessage({
  from,
  fromSha256,
  format,
  passed,
  kept,
  verdict,
}: ModelLineage): modelAdmin.ModelLineage {
  return { source: { name: from, digest: fromSha256 }, format, passed, kept, verdict };
}

function instanceInfo({ instance, models, aliases }: InstanceReport): modelAdmin.InstanceInfo {
  return {
    instanceId: instance,
    models: models.map(({ name, digest, phase, reason }) => ({
      model: { name, digest },
      state: states[phase],
      reason,
    })),
    aliases: aliases.map(({ alias, model, generation }) => ({ alias, model, generation })),
  };
}
