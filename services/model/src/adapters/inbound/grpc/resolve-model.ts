import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { inference } from '@parley/contracts';
import { signalOf } from '@parley/grpc';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { AliasWaits } from '../../../domain/switching/alias-waits.ts';
import { FirstUse } from '../../../domain/loading/first-use.ts';
import { defaultAlias, ModelRegistry } from '../../../domain/models/model-registry.ts';
import { requireTools } from '../../../domain/answers/require-tools.ts';
import { abilitiesMessage } from './inference-messages.ts';

type Call = ServerUnaryCall<inference.ResolveModelRequest, inference.ResolvedModel>;

/** parley.model.v1.Inference/ResolveModel */
@Controller()
export class ResolveModelController {
  readonly #use: FirstUse;
  readonly #registry: ModelRegistry;
  readonly #instanceId: string;
  readonly #waits: AliasWaits;

  constructor(
    @Inject(FirstUse) use: FirstUse,
    @Inject(ModelRegistry) registry: ModelRegistry,
    @Inject(RUNTIME) { instanceId }: ServiceRuntime,
    @Inject(AliasWaits) waits: AliasWaits,
  ) {
    this.#waits = waits;
    this.#use = use;
    this.#registry = registry;
    this.#instanceId = instanceId;
  }

  @GrpcMethod('parley.model.v1.Inference', 'ResolveModel')
  async resolveModel(
    request: inference.ResolveModelRequest,
    _metadata: Metadata,
    call: Call,
  ): Promise<inference.ResolvedModel> {
    const switching = this.#waits.noticeOf(request.model || defaultAlias);
    if (switching !== undefined) return this.#waiting(switching);
    const resolved = await this.#use.resolve(request.model, signalOf(call));
    if (resolved.waiting !== undefined) return this.#waiting(resolved.waiting);
    const { model, abilities, contextTokens } = resolved;
    if (request.withTools) requireTools(model.name, abilities, this.#registry.models);
    return {
      model,
      contextTokens,
      abilities: abilitiesMessage(abilities),
      instanceId: this.#instanceId,
      waiting: undefined,
    };
  }

  #waiting(waiting: inference.GenerateProgress): inference.ResolvedModel {
    const instanceId = this.#instanceId;
    return { model: undefined, contextTokens: 0, abilities: undefined, instanceId, waiting };
  }
}
