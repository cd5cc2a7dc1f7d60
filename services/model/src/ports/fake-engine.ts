import { ParleyError } from '@parley/kernel';
import type {
  CountRequest,
  CountResult,
  Engine,
  EngineRequest,
  EngineUpdate,
  LoadedModel,
  LoadOptions,
  ModelInspection,
  ModelSpec,
} from './engine.ts';

const words = ['Hello', ' from', ' the', ' fake', '.'];

/** Answers every request with the same five words, and fails when it is told to. */
export class FakeEngine implements Engine {
  readonly name = 'fake';
  /** Errors of the next loads, first to last. */
  readonly loadFaults: ParleyError[] = [];
  readonly loads: ModelSpec[] = [];
  readonly requests: EngineRequest[] = [];
  readonly models: FakeModel[] = [];
  /** While set, loads wait for it. */
  gate: Promise<void> | undefined;

  inspect(): Promise<ModelInspection> {
    return Promise.reject(new ParleyError('unsupported', 'The fake engine reads no files.'));
  }

  async load(spec: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    this.loads.push(spec);
    options.onProgress?.({ stage: 'loading weights', share: 0.5 });
    await this.gate;
    options.signal.throwIfAborted();
    const fault = this.loadFaults.shift();
    if (fault !== undefined) throw fault;
    const model = new FakeModel(spec, (request) => this.requests.push(request));
    this.models.push(model);
    return model;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.models.map((model) => model[Symbol.asyncDispose]()));
  }
}

/** A loaded model of the fake engine. */
export class FakeModel implements LoadedModel {
  readonly contextTokens: number;
  readonly slots: number;
  readonly abilities = {
    grammar: true,
    logitBias: true,
    logprobs: false,
    images: false,
    tools: false,
    embeddings: false,
    continueSupport: 'none',
  } as const;
  readonly lost: Promise<ParleyError>;
  /** Says that the engine has lost the model. */
  readonly lose: (error: ParleyError) => void;
  disposed = false;
  /** While set, answers wait for it before their second chunk. */
  gate: Promise<void> | undefined;
  readonly #onRequest: (request: EngineRequest) => void;

  constructor(spec: ModelSpec, onRequest: (request: EngineRequest) => void) {
    this.contextTokens = spec.contextTokens;
    this.slots = spec.slots;
    this.#onRequest = onRequest;
    const { promise, resolve } = Promise.withResolvers<ParleyError>();
    this.lost = promise;
    this.lose = resolve;
  }

  async *generate(request: EngineRequest, signal: AbortSignal): AsyncGenerator<EngineUpdate, void> {
    this.#onRequest(request);
    const inputTokens = request.messages.length;
    yield { type: 'started', inputTokens };
    for (const [index, text] of words.entries()) {
      if (index === 1) await this.gate;
      if (signal.aborted) throw new ParleyError('cancelled', 'The request was cancelled.');
      yield { type: 'chunk', text, tokenIds: [index] };
    }
    yield { type: 'finished', reason: 'stop', inputTokens, outputTokens: words.length, queueMs: 0 };
  }

  countTokens({ messages, texts }: CountRequest): Promise<CountResult> {
    return Promise.resolve({ messageTokens: messages.length, textTokens: texts.map((text) => text.length) });
  }

  memory(): ReturnType<LoadedModel['memory']> {
    return Promise.resolve({ device: 'cpu', weightsBytes: 100, kvBytes: 10, computeBytes: 1 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }
}
