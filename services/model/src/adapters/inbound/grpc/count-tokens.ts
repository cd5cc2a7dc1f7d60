import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { inference } from '@parley/contracts';
import { ModelRegistry } from '../../../domain/model-registry.ts';
import { chatMessages } from './inference-messages.ts';

/** parley.model.v1.Inference/CountTokens */
@Controller()
export class CountTokensController {
  readonly #registry: ModelRegistry;

  constructor(@Inject(ModelRegistry) registry: ModelRegistry) {
    this.#registry = registry;
  }

  @GrpcMethod('parley.model.v1.Inference', 'CountTokens')
  async countTokens(request: inference.CountTokensRequest): Promise<inference.CountTokensResponse> {
    const slot = this.#registry.resolve(request.model);
    const messages = chatMessages(request.messages);
    const counted = await slot.ready().countTokens({ messages, texts: request.texts });
    return {
      model: slot.identity,
      messageTokens: counted.messageTokens,
      textTokens: [...counted.textTokens],
    };
  }
}
