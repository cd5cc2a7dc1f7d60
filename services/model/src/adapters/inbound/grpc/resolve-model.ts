import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { inference } from '@parley/contracts';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { ModelRegistry } from '../../../domain/model-registry.ts';
import { abilitiesMessage } from './inference-messages.ts';

/** parley.model.v1.Inference/ResolveModel */
@Controller()
export class ResolveModelController {
  readonly #registry: ModelRegistry;
  readonly #instanceId: string;

  constructor(
    @Inject(ModelRegistry) registry: ModelRegistry,
    @Inject(RUNTIME) { instanceId }: ServiceRuntime,
  ) {
    this.#registry = registry;
    this.#instanceId = instanceId;
  }

  @GrpcMethod('parley.model.v1.Inference', 'ResolveModel')
  resolveModel(request: inference.ResolveModelRequest): inference.ResolvedModel {
    const slot = this.#registry.resolve(request.model);
    const { abilities, contextTokens } = slot.ready();
    return {
      model: slot.identity,
      contextTokens,
      abilities: abilitiesMessage(abilities),
      instanceId: this.#instanceId,
    };
  }
}
