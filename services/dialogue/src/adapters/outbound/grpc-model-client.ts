import type { common, inference } from '@parley/contracts';
import { serverStream, unary } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
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
import { fromProtoFinishReason, toProtoFormat, toProtoRole, toProtoSampling } from '../proto-values.ts';

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

  async resolve(model: string, scope: CallScope): Promise<ResolvedModel> {
    const resolved = await unary(this.#client.resolveModel.bind(this.#client), { model }, scope);
    if (resolved.model === undefined) throw broken('resolved a model without naming it');
    return {
      model: resolved.model,
      contextTokens: resolved.contextTokens,
      abilities: {
        grammar: resolved.abilities?.grammar ?? false,
        logitBias: resolved.abilities?.logitBias ?? false,
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
    maxOutputTokens: prompt.maxOutputTokens,
    stop: [...prompt.stop],
    continueFrom: undefined,
    cacheScope: prompt.cacheScope,
    sharedPrefixTokens: 0,
    priority: 0,
    turnId: prompt.turnId,
  };
}

function toProtoMessage(message: PromptMessage): common.Message {
  const content = message.content.map((part) => ({ part: { $case: 'text', text: part.text } as const }));
  return { role: toProtoRole(message.role), content, name: message.name };
}

function readUpdate(update: inference.GenerateUpdate['update']): ModelUpdate | undefined {
  switch (update?.$case) {
    case 'started':
      return { type: 'started', inputTokens: update.started.inputTokens };
    case 'chunk':
      // An engine that names no token ids has still made at least one.
      return { type: 'chunk', text: update.chunk.text, tokens: update.chunk.tokenIds.length || 1 };
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
