import { ParleyError, sleep } from '@parley/kernel';
import type {
  ChatMessage,
  CountRequest,
  CountResult,
  Embeddings,
  EngineAbilities,
  EngineRequest,
  EngineUpdate,
  LoadedModel,
  ModelMemory,
  ModelSpec,
} from '../../../ports/engine.ts';
import { Pace } from './pace.ts';
import { Places } from '../engine-parts/places.ts';
import type { SimulatedSettings } from './simulated-settings-schema.ts';
import { countWords, simulatedAnswer } from './simulated-text.ts';
import type { SimulatedToken } from './simulated-text.ts';
import { textVector } from './text-vector.ts';

/** As with real engines: shorter than the 25 ms in which dialogue gathers text. */
const chunkGapMs = 20;

/** It heeds no wish about its answers, which are made up. */
const simulatedAbilities: EngineAbilities = {
  grammar: false,
  logitBias: false,
  logprobs: false,
  images: false,
  tools: false,
  embeddings: true,
  continueSupport: 'none',
};

/** A model that is none: what it says follows from the request, when it says it from its settings. */
export class SimulatedModel implements LoadedModel {
  readonly contextTokens: number;
  readonly slots: number;
  readonly abilities = simulatedAbilities;
  /** It lives in this process: it is never lost. */
  readonly lost = new Promise<ParleyError>(() => undefined);
  readonly #spec: ModelSpec;
  readonly #settings: SimulatedSettings;
  readonly #places: Places;
  readonly #closing = new AbortController();

  constructor(spec: ModelSpec, settings: SimulatedSettings) {
    this.#spec = spec;
    this.#settings = settings;
    this.contextTokens = spec.contextTokens;
    this.slots = spec.slots;
    this.#places = new Places(spec);
  }

  async *generate(request: EngineRequest, caller: AbortSignal): AsyncGenerator<EngineUpdate, void> {
    const inputTokens = this.#check(request);
    const { timeLimitMs } = request;
    const arrivedAt = performance.now();
    const signal = AbortSignal.any([caller, this.#closing.signal]);
    const endAt = timeLimitMs === undefined ? Number.POSITIVE_INFINITY : arrivedAt + timeLimitMs;
    if (signal.aborted) throw reasonOf(signal);
    yield { type: 'started', inputTokens };
    using _place = await this.#place(request, endAt, signal);
    const queueMs = performance.now() - arrivedAt;
    const answer = simulatedAnswer(request, this.#settings.tokens, this.contextTokens - inputTokens);
    const pace = new Pace(this.#settings, answer.tokens, performance.now());
    let outputTokens = 0;
    while (!pace.done) {
      await until(Math.min(endAt, pace.nextAt(chunkGapMs)), signal);
      const due = pace.take(performance.now());
      outputTokens += due.length;
      if (due.length > 0) yield chunkOf(due);
      if (pace.done || performance.now() < endAt) continue;
      if (outputTokens === 0) throw tooLate();
      return yield { type: 'finished', reason: 'deadline', inputTokens, outputTokens, queueMs };
    }
    yield { type: 'finished', reason: answer.reason, inputTokens, outputTokens, queueMs };
  }

  countTokens({ messages, texts }: CountRequest): Promise<CountResult> {
    return Promise.resolve({ messageTokens: countMessages(messages), textTokens: texts.map(countWords) });
  }

  embed(texts: readonly string[], signal: AbortSignal): Promise<Embeddings> {
    signal.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    const counts = texts.map(countWords);
    const tooLong = counts.findIndex((count) => count > this.contextTokens);
    if (tooLong !== -1) {
      const message = `texts[${tooLong}] has ${counts[tooLong]} tokens; the model holds ${this.contextTokens}.`;
      throw new ParleyError('context_length_exceeded', message, { param: `texts[${tooLong}]` });
    }
    const inputTokens = counts.reduce((sum, count) => sum + count, 0);
    return Promise.resolve({ vectors: texts.map(textVector), inputTokens });
  }

  memory(): Promise<ModelMemory> {
    return Promise.resolve({ device: 'cpu', weightsBytes: 0, kvBytes: 0, computeBytes: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new ParleyError('model_not_ready', 'The model was unloaded. Try again.'));
    return Promise.resolve();
  }

  /** @returns the prompt's tokens. @throws ParleyError for what it cannot do. */
  #check({ form, sampling, messages, maxOutputTokens }: EngineRequest): number {
    if (form.kind !== 'text') throw cannot('format', 'enforce the form of an answer');
    if (sampling.logitBias !== undefined) throw cannot('sampling.logit_bias', 'bias tokens');
    const inputTokens = countMessages(messages);
    if (inputTokens + Math.max(1, maxOutputTokens) <= this.contextTokens) return inputTokens;
    const { name, contextTokens } = this.#spec;
    const message =
      `The prompt has ${inputTokens} tokens and asks for ${maxOutputTokens} more; ` +
      `model "${name}" holds ${contextTokens} tokens of prompt and answer together.`;
    throw new ParleyError('context_length_exceeded', message, { param: 'messages' });
  }

  async #place(request: EngineRequest, endAt: number, signal: AbortSignal): Promise<Disposable> {
    const late = new AbortController();
    const timer = Number.isFinite(endAt)
      ? setTimeout(() => late.abort(tooLate()), Math.max(0, endAt - performance.now()))
      : undefined;
    try {
      return await this.#places.take(request, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      throw signal.aborted ? reasonOf(signal) : error;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function until(at: number, signal: AbortSignal): Promise<void> {
  const waitMs = Math.max(0, at - performance.now());
  await sleep(waitMs, signal).catch(() => undefined);
  if (signal.aborted) throw reasonOf(signal);
}

function chunkOf(tokens: readonly SimulatedToken[]): EngineUpdate {
  return {
    type: 'chunk',
    text: tokens.map(({ text }) => text).join(''),
    tokenIds: tokens.map(({ id }) => id),
  };
}

/** A message costs a token for its role. */
function countMessages(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { content }) => sum + 1 + countWords(content), 0);
}

function reasonOf(signal: AbortSignal): ParleyError {
  const reason: unknown = signal.reason;
  if (reason instanceof ParleyError) return reason;
  return new ParleyError('cancelled', 'The request was cancelled.', { cause: reason });
}

function tooLate(): ParleyError {
  return new ParleyError('deadline_exceeded', 'The time for the answer was up before its first token.');
}

function cannot(param: string, what: string): ParleyError {
  return new ParleyError('unsupported', `The simulated engine cannot ${what}.`, { param });
}
