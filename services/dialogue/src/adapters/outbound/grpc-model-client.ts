import type { common, inference } from '@parley/contracts';
import { serverStream, unary } from '@parley/grpc';
import { opaqueScope, ParleyError } from '@parley/kernel';
import { beingSwitched } from '../../domain/run/switch-waits.ts';
import type {
  CallScope,
  ModelClient,
  ModelUpdate,
  Prompt,
  PromptMessage,
  ResolvedModel,
  TokenCounts,
  TokenQuestion,
} from '../../ports/model-client.ts';
import {
  fromProtoFinishReason,
  toProtoFormat,
  toProtoRole,
  toProtoSampling,
  toProtoTools,
} from '../proto-values.ts';

/** Counts calls that have not ended. */
interface CallGauge {
  inc(labels: object): void;
  dec(labels: object): void;
}

/** The model service over gRPC. */
export class GrpcModelClient implements ModelClient {
  readonly #client: inference.InferenceClient;
  readonly #inflight: CallGauge;

  constructor(client: inference.InferenceClient, inflight: CallGauge) {
    this.#client = client;
    this.#inflight = inflight;
  }

  async resolve(
    model: string,
    scope: CallScope,
    needs: { readonly tools: boolean } = { tools: false },
  ): Promise<ResolvedModel> {
    const request = { model, withTools: needs.tools };
    const resolved = await unary(this.#client.resolveModel.bind(this.#client), request, scope);
    if (resolved.waiting !== undefined) throw beingSwitched(resolved.waiting);
    if (resolved.model === undefined) throw broken('resolved a model without naming it');
    return {
      model: resolved.model,
      contextTokens: resolved.contextTokens,
      abilities: {
        grammar: resolved.abilities?.grammar ?? false,
        logitBias: resolved.abilities?.logitBias ?? false,
        tools: resolved.abilities?.tools ?? false,
      },
    };
  }

  async *generate(prompt: Prompt, scope: CallScope): AsyncGenerator<ModelUpdate, void> {
    const updates = serverStream(this.#client.generate.bind(this.#client), toRequest(prompt), scope);
    this.#inflight.inc({});
    try {
      for await (const { update } of updates) {
        const read = readUpdate(update);
        if (read !== undefined) yield read;
      }
    } finally {
      this.#inflight.dec({});
    }
  }

  async countTokens(digest: string, question: TokenQuestion, scope: CallScope): Promise<TokenCounts> {
    const request = {
      model: digest,
      messages: question.messages.map(toProtoMessage),
      texts: [...question.texts],
      tools: undefined,
    };
    const counted = await unary(this.#client.countTokens.bind(this.#client), request, scope);
    if (counted.textTokens.length !== question.texts.length) {
      throw broken(`counted ${counted.textTokens.length} texts of ${question.texts.length}`);
    }
    return { messageTokens: counted.messageTokens, textTokens: counted.textTokens };
  }
}

function toRequest(prompt: Prompt): inference.GenerateRequest {
  return {
    digest: prompt.digest,
    messages: prompt.messages.map(toProtoMessage),
    sampling: toProtoSampling(prompt.sampling),
    format: toProtoFormat(prompt.format),
    tools: toProtoTools(prompt.tools),
    maxOutputTokens: prompt.maxOutputTokens,
    stop: [...prompt.stop],
    continueFrom: undefined,
    cacheScope: opaqueScope(prompt.cache.scope),
    sharedPrefixTokens: prompt.cache.sharedTokens,
    sharedScope: opaqueScope(prompt.cache.sharedScope),
    priority: 0,
    turnId: prompt.turnId,
  };
}

function toProtoMessage(message: PromptMessage): common.Message {
  const content = message.content.map((part) => ({ part: { $case: 'text', text: part.text } as const }));
  const { name, toolCalls = [], toolCallId = '' } = message;
  return { role: toProtoRole(message.role), content, name, toolCalls: [...toolCalls], toolCallId };
}

function readUpdate(update: inference.GenerateUpdate['update']): ModelUpdate | undefined {
  switch (update?.$case) {
    case 'started':
      return { type: 'started', inputTokens: update.started.inputTokens };
    case 'chunk':
      // An engine that names no token ids has still made at least one.
      return { type: 'chunk', text: update.chunk.text, tokens: update.chunk.tokenIds.length || 1 };
    case 'toolCall': {
      const { tokenIds, ...call } = update.toolCall;
      return { type: 'tool_call', ...call, tokens: tokenIds.length };
    }
    case 'finished':
      return readFinished(update.finished);
    case 'progress':
    case undefined:
      return undefined;
  }
}

function readFinished(finished: inference.GenerateFinished): ModelUpdate {
  const reason = fromProtoFinishReason(finished.reason);
  if (reason === undefined) throw broken('finished for a reason that is not known here');
  const usage = finished.usage ?? { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  return { type: 'finished', reason, usage, queueMs: finished.timings?.queueMs ?? 0 };
}

function broken(what: string): ParleyError {
  return new ParleyError('internal', `The model service ${what}.`);
}
