import type { common, inference } from '@parley/contracts';
import { unary } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import type { Item, Speaker } from '../../domain/turn.ts';
import type { Call } from '../../ports/call.ts';
import type { Embedder, Embeddings } from '../../ports/embedder.ts';
import type { CountedInput, TokenCounter } from '../../ports/token-counter.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';
import { roles, toTools } from './start-turn-codec.ts';

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
    ).catch((error: unknown) => {
      throw aboutInput(error);
    });
    if (answer.model === undefined || answer.embeddings.length !== texts.length) {
      throw new ParleyError('internal', 'The model service did not answer one vector for each text.');
    }
    return {
      model: answer.model,
      vectors: answer.embeddings.map(({ values }) => values),
      inputTokens: answer.inputTokens,
    };
  }

  async count(model: string, { items, tools }: CountedInput, call: Call): Promise<number> {
    const client = this.#neighbour.client();
    const { messageTokens } = await unary<inference.CountTokensRequest, inference.CountTokensResponse>(
      client.countTokens.bind(client),
      { model, messages: promptMessages(items), texts: [], tools: toTools(tools) },
      outgoingOf(call),
    );
    return messageTokens;
  }
}

/** Names a text at fault as the client knows it: `input[3]`. */
function aboutInput(error: unknown): unknown {
  const place = error instanceof ParleyError ? /^texts(\[\d+\])?$/.exec(error.param ?? '') : null;
  if (!(error instanceof ParleyError) || place === null) return error;
  const param = `input${place[1] ?? ''}`;
  const { code, retryable } = error;
  return new ParleyError(code, error.message.replace(place[0], param), { param, retryable, cause: error });
}

/** Items as the messages of a prompt: calls belong to the assistant's message before them. */
function promptMessages(items: readonly Item[]): common.Message[] {
  const messages: common.Message[] = [];
  for (const item of items) {
    if (item.type === 'message') messages.push({ ...textMessage(item.role, item.texts), name: item.name });
    else if (item.type === 'function_output')
      messages.push({ ...textMessage('tool', [item.output]), toolCallId: item.callId });
    else {
      const { callId: id, name, arguments: written } = item;
      const last = messages.at(-1);
      const message = last?.role === roles.assistant ? last : textMessage('assistant', []);
      if (message !== last) messages.push(message);
      message.toolCalls.push({ id, name, arguments: written });
    }
  }
  return messages;
}

function textMessage(role: Speaker, texts: readonly string[]): common.Message {
  const content = texts.map((text) => ({ part: { $case: 'text', text } as const }));
  return { role: roles[role], content, name: '', toolCalls: [], toolCallId: '' };
}
