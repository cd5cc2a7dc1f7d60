import { ParleyError, sleep } from '@parley/kernel';
import { Places } from '../../services/model/src/adapters/outbound/engine-parts/places.ts';
import { StopMatcher } from '../../services/model/src/adapters/outbound/engine-parts/stop-matcher.ts';
import type {
  ChatMessage,
  CountRequest,
  CountResult,
  EngineAbilities,
  EngineRequest,
  EngineUpdate,
  LoadedModel,
  ModelMemory,
  ModelSpec,
} from '../../services/model/src/ports/engine.ts';
import { tokensOf } from './bigram-table.ts';
import type { BigramTable } from './bigram-table.ts';

/** A loaded table, and the answers that are made with it. */
export class BigramModel implements LoadedModel {
  readonly contextTokens: number;
  readonly slots: number;
  readonly abilities: EngineAbilities = {
    grammar: false,
    logitBias: false,
    logprobs: false,
    images: false,
    tools: false,
    embeddings: false,
    continueSupport: 'none',
  };
  /** It runs in the service's own process, so it cannot be lost. */
  readonly lost = new Promise<ParleyError>(() => undefined);
  readonly #spec: ModelSpec;
  readonly #table: BigramTable;
  readonly #places: Places;
  readonly #unloading = new AbortController();

  constructor(spec: ModelSpec, table: BigramTable) {
    this.#spec = spec;
    this.#table = table;
    this.contextTokens = spec.contextTokens;
    this.slots = spec.slots;
    this.#places = new Places(spec);
  }

  async *generate(request: EngineRequest, caller: AbortSignal): AsyncGenerator<EngineUpdate, void> {
    const inputTokens = this.#checked(request);
    const arrivedAt = performance.now();
    const signal = AbortSignal.any([caller, this.#unloading.signal, ...timeLimit(request)]);
    throwIfEnded(signal);
    yield { type: 'started', inputTokens };
    using _place = await this.#place(request, signal);
    const queueMs = performance.now() - arrivedAt;
    const stops = new StopMatcher(request.stop);
    const room = this.contextTokens - inputTokens;
    const limit = request.maxOutputTokens === 0 ? room : Math.min(room, request.maxOutputTokens);
    let outputTokens = 0;
    let stopped = false;
    for (const token of this.#table.walk(lastWordOf(request.messages), request.sampling)) {
      // A step of a real model takes its time; this is where others come in, and where an answer can be ended.
      await sleep(1, signal).catch(() => undefined);
      if (isLate(signal) && outputTokens > 0) {
        return yield { type: 'finished', reason: 'deadline', inputTokens, outputTokens, queueMs };
      }
      throwIfEnded(signal);
      const certain = stops.push(token.text);
      outputTokens++;
      ({ stopped } = certain);
      if (certain.text !== '') yield { type: 'chunk', text: certain.text, tokenIds: [token.id] };
      if (stopped || outputTokens === limit) break;
    }
    const rest = stops.end();
    if (rest !== '') yield { type: 'chunk', text: rest, tokenIds: [] };
    const reason = stopped || outputTokens < limit ? 'stop' : 'length';
    yield { type: 'finished', reason, inputTokens, outputTokens, queueMs };
  }

  countTokens({ messages, texts }: CountRequest): Promise<CountResult> {
    const textTokens = texts.map((text) => tokensOf(text).length);
    return Promise.resolve({ messageTokens: countMessages(messages), textTokens });
  }

  memory(): Promise<ModelMemory> {
    return Promise.resolve({ device: 'cpu', weightsBytes: this.#table.bytes, kvBytes: 0, computeBytes: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#unloading.abort(new ParleyError('model_not_ready', 'The model was unloaded. Try again.'));
    return Promise.resolve();
  }

  /** Tokens of the prompt. @throws ParleyError for what does not fit, and for what this engine cannot do. */
  #checked({ form, sampling, messages, maxOutputTokens }: EngineRequest): number {
    if (form.kind !== 'text') throw cannot('enforce the form of an answer', 'format');
    if (sampling.logitBias !== undefined) throw cannot('bias tokens', 'sampling.logit_bias');
    const inputTokens = countMessages(messages);
    if (inputTokens + Math.max(1, maxOutputTokens) <= this.contextTokens) return inputTokens;
    const message =
      `The prompt has ${inputTokens} tokens and asks for ${maxOutputTokens} more; model "${this.#spec.name}" ` +
      `holds ${this.contextTokens} tokens of prompt and answer together.`;
    throw new ParleyError('context_length_exceeded', message, { param: 'messages' });
  }

  async #place(request: EngineRequest, signal: AbortSignal): Promise<Disposable> {
    try {
      return await this.#places.take(request, signal);
    } catch (error) {
      throwIfEnded(signal);
      throw error;
    }
  }
}

/** A message costs a token for its role. */
function countMessages(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { content }) => sum + 1 + tokensOf(content).length, 0);
}

function lastWordOf(messages: readonly ChatMessage[]): string {
  return tokensOf(messages.at(-1)?.content ?? '').at(-1) ?? '';
}

class TooLate extends ParleyError {
  constructor() {
    super('deadline_exceeded', 'The time for the answer was up before its first token.');
  }
}

function timeLimit({ timeLimitMs }: EngineRequest): AbortSignal[] {
  if (timeLimitMs === undefined) return [];
  const late = new AbortController();
  setTimeout(() => late.abort(new TooLate()), timeLimitMs).unref();
  return [late.signal];
}

function isLate({ reason }: AbortSignal): boolean {
  return reason instanceof TooLate;
}

/** @throws ParleyError why the answer was ended: the time is up, the model leaves, or else the caller has gone. */
function throwIfEnded(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const reason: unknown = signal.reason;
  if (reason instanceof ParleyError) throw reason;
  throw new ParleyError('cancelled', 'The request was cancelled.', { cause: reason });
}

function cannot(what: string, param: string): ParleyError {
  return new ParleyError('unsupported', `The bigram engine cannot ${what}.`, { param });
}
