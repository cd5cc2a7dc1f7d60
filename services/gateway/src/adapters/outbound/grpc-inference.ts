import type { common, inference } from '@parley/contracts';
import { unary } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import type { Message } from '../../domain/turn.ts';
import type { Call } from '../../ports/call.ts';
import type { Embedder, Embeddings } from '../../ports/embedder.ts';
import type { TokenCounter } from '../../ports/token-counter.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';
import { roles } from './start-turn-codec.ts';

/** What models do with text beside answering, over gRPC. */
export class GrpcInference implements Embedder, TokenCounter {
  readonly #neighbour: Neighbour<inference.InferenceClient>;

  constructor(neighbour: Neighbour<inference.InferenceClient>) {
    this.#neighbour = neighbour;
  }

  async embed(model: string, texts: readonly string[], call: Call): Promise<Embeddings> {
    const client = this.#neighbour.client();
    const answer = await unary<inference.EmbedRequest, inference.EmbedResponse>(
      client.embed.bind(client),
      { model, texts: [...texts] },
      outgoingOf(call),
    );
    if (answer.model === undefined || answer.embeddings.length !== texts.length) {
      throw new ParleyError('internal', 'The model service did not answer one vector for each text.');
    }
    return {
      model: answer.model,
      vectors: answer.embeddings.map(({ values }) => values),
      inputTokens: answer.inputTokens,
    };
  }

  async count(model: string, messages: readonly Message[], call: Call): Promise<number> {
    const client = this.#neighbour.client();
    const { messageTokens } = await unary<inference.CountTokensRequest, inference.CountTokensResponse>(
      client.countTokens.bind(client),
      { model, messages: messages.map(toPromptMessage), texts: [] },
      outgoingOf(call),
    );
    return messageTokens;
  }
}

function toPromptMessage({ role, texts, name }: Message): common.Message {
  return { role: roles[role], content: texts.map((text) => ({ part: { $case: 'text', text } })), name };
}
