import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { inference } from '@parley/contracts';
import { signalOf } from '@parley/grpc';
import { FirstUse } from '../../../domain/loading/first-use.ts';
import { chatMessages, withTools } from './inference-messages.ts';

type Call = ServerUnaryCall<inference.CountTokensRequest, inference.CountTokensResponse>;

/** parley.model.v1.Inference/CountTokens */
@Controller()
export class CountTokensController {
  readonly #use: FirstUse;

  constructor(@Inject(FirstUse) use: FirstUse) {
    this.#use = use;
  }

  @GrpcMethod('parley.model.v1.Inference', 'CountTokens')
  async countTokens(
    request: inference.CountTokensRequest,
    _metadata: Metadata,
    call: Call,
  ): Promise<inference.CountTokensResponse> {
    const slot = await this.#use.slot(request.model, signalOf(call));
    const messages = chatMessages(request.messages);
    const counted = await slot.ready().countTokens({
      messages,
      ...withTools(request.tools),
      texts: request.texts,
    });
    return {
      model: slot.identity,
      messageTokens: counted.messageTokens,
      textTokens: [...counted.textTokens],
    };
  }
}
