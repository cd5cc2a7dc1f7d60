import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { inference } from '@parley/contracts';
import { signalOf } from '@parley/grpc';
import { TextEmbeddings } from '../../../domain/answers/text-embeddings.ts';

type Call = ServerUnaryCall<inference.EmbedRequest, inference.EmbedResponse>;

/** parley.model.v1.Inference/Embed */
@Controller()
export class EmbedController {
  readonly #embeddings: TextEmbeddings;

  constructor(@Inject(TextEmbeddings) embeddings: TextEmbeddings) {
    this.#embeddings = embeddings;
  }

  @GrpcMethod('parley.model.v1.Inference', 'Embed')
  async embed(
    request: inference.EmbedRequest,
    _metadata: Metadata,
    call: Call,
  ): Promise<inference.EmbedResponse> {
    const { model, texts } = request;
    const embedded = await this.#embeddings.embed(model, texts, signalOf(call));
    return {
      model: embedded.model,
      embeddings: embedded.vectors.map((values) => ({ values: [...values] })),
      inputTokens: embedded.inputTokens,
    };
  }
}
