import { ParleyError } from '@parley/kernel';
import type {
  CountRequest,
  CountResult,
  Engine,
  EngineAbilities,
  EngineRequest,
  EngineUpdate,
  LoadedModel,
  ModelSpec,
} from './engine.ts';
import type { LoadOptions } from './load-progress.ts';
import type { ProbeVerdict } from './model-files.ts';

const words = ['Hello', ' from', ' the', ' fake', '.'];

/** What every file of the fake engine says about itself. */
export const fakeInspection = {
  architecture: 'fake',
  name: 'fake',
  license: 'MIT',
  trainedContextTokens: 1000,
  fileBytes: 100,
  hasTemplate: true,
  kvBytesPerToken: 10,
  computeBytesPerToken: 1,
} as const;

const fakeAbilities: EngineAbilities = {
  grammar: true,
  logitBias: true,
  logprobs: false,
  images: false,
  tools: false,
  embeddings: false,
  continueSupport: 'none',
};

/** Answers every request with the same five words, or its model's name, and fails when it is told to. */
export class FakeEngine implements Engine {
  readonly name: string = 'fake';
  readonly version = 'fake 1';
  embeds = false;
  /** What proofs find, by path; others are good. */
  readonly proofs = new Map<string, ProbeVerdict | ParleyError>();
  readonly proven: string[] = [];
  /** Undefined: there are no cards. */
  cardBytes: number | undefined;
  /** Makes answers say their model's name five times. */
  saysItsName = false;
  /** Errors of the next loads, first to last. */
  readonly loadFaults: ParleyError[] = [];
  readonly loads: ModelSpec[] = [];
  readonly requests: EngineRequest[] = [];
  readonly models: FakeModel[] = [];
  /** While set, loads wait for it. */
  gate: Promise<void> | undefined;

  prove(spec: ModelSpec): Promise<ProbeVerdict> {
    this.proven.push(spec.path);
    const found = this.proofs.get(spec.path);
    if (found instanceof ParleyError) return Promise.reject(found);
    return Promise.resolve(found ?? { ok: true, inspection: fakeInspection });
  }

  freeCardBytes(): Promise<number | undefined> {
    return Promise.resolve(this.cardBytes);
  }

  async load(spec: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    this.loads.push(spec);
    options.onProgress?.({ stage: 'loading weights', share: 0.5 });
    await this.gate;
    options.signal.throwIfAborted();
    const fault = this.loadFaults.shift();
    if (fault !== undefined) throw fault;
    const said = this.saysItsName ? words.map(() => `${spec.name} `) : words;
    const model = new FakeModel(spec, said, (request) => this.requests.push(request));
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
  abilities = fakeAbilities;
  readonly lost: Promise<ParleyError>;
  /** Says that the engine has lost the model. */
  readonly lose: (error: ParleyError) => void;
  disposed = false;
  /** While set, answers wait for it before their second chunk. */
  gate: Promise<void> | undefined;
  readonly #most: number;
  #running = 0;
  readonly #words: readonly string[];
  readonly #onRequest: (request: EngineRequest) => void;

  constructor(spec: ModelSpec, said: readonly string[], onRequest: (request: EngineRequest) => void) {
    this.contextTokens = spec.contextTokens;
    this.slots = spec.slots;
    this.#most = spec.slots + spec.maxQueued;
    this.#words = said;
    this.#onRequest = onRequest;
    const { promise, resolve } = Promise.withResolvers<ParleyError>();
    this.lost = promise;
    this.lose = resolve;
  }

  async *generate(request: EngineRequest, signal: AbortSignal): AsyncGenerator<EngineUpdate, void> {
    this.#onRequest(request);
    if (this.#running >= this.#most) throw new ParleyError('overloaded', 'The fake is full.');
    this.#running++;
    try {
      yield* this.#answer(request, signal);
    } finally {
      this.#running--;
    }
  }

  async *#answer(request: EngineRequest, signal: AbortSignal): AsyncGenerator<EngineUpdate, void> {
    const inputTokens = request.messages.length;
    yield { type: 'started', inputTokens };
    for (const [index, text] of this.#words.entries()) {
      if (index === 1) await this.gate;
      if (signal.aborted) throw new ParleyError('cancelled', 'The request was cancelled.');
      if (this.disposed) throw new ParleyError('model_not_ready', 'The model was unloaded.');
      yield { type: 'chunk', text, tokenIds: [index] };
    }
    yield { type: 'finished', reason: 'stop', inputTokens, outputTokens: this.#words.length, queueMs: 0 };
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
