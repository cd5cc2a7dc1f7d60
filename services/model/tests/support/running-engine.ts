import { GgufEngine } from '../../src/adapters/outbound/gguf/gguf-engine.ts';
import type { GgufEngineOptions } from '../../src/adapters/outbound/gguf/gguf-engine.ts';
import { engineEnvironment } from '../../src/config.ts';
import type { EngineRequest, EngineUpdate, LoadedModel, ModelSpec } from '../../src/ports/engine.ts';
import type { StepFigures } from '../../src/ports/load-progress.ts';
import { hear } from './hear.ts';
import type { Heard } from './hear.ts';
import { smolLmFile } from './real-model.ts';

/** The gguf engine with its real host process and SmolLM2 in it. */
export class RunningEngine implements AsyncDisposable {
  readonly engine: GgufEngine;
  readonly logs: string[] = [];
  readonly steps: StepFigures[] = [];
  #model: LoadedModel | undefined;

  constructor(options: Pick<GgufEngineOptions, 'kept'> = {}) {
    this.engine = new GgufEngine({
      ...options,
      threads: 0,
      environment: engineEnvironment(1),
      onLog: (_level, message) => this.logs.push(message),
    });
  }

  get model(): LoadedModel {
    if (this.#model === undefined) throw new Error('The model is not loaded.');
    return this.#model;
  }

  /** How SmolLM2 is opened, unless a test says otherwise. */
  spec(change: Partial<ModelSpec> = {}): ModelSpec {
    return {
      name: 'smollm2',
      path: smolLmFile,
      settings: {},
      proven: false,
      contextTokens: 1024,
      slots: 8,
      maxQueued: 16,
      promptTokensPerStep: 128,
      systemRole: true,
      ...change,
    };
  }

  async load(change: Partial<ModelSpec> = {}): Promise<LoadedModel> {
    const onStep = (figures: StepFigures): void => void this.steps.push(figures);
    const { signal } = new AbortController();
    this.#model = await this.engine.load(this.spec(change), { signal, onStep });
    return this.#model;
  }

  /** Generates one answer and waits for its end, good or bad. */
  answer(
    request: EngineRequest,
    signal: AbortSignal = new AbortController().signal,
    onUpdate: (update: EngineUpdate) => void = () => undefined,
  ): Promise<Heard> {
    return hear(this.model, request, signal, onUpdate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}

/** Sampling and limits of an answer that goes on until somebody ends it: its end tokens are biased away. */
export const endless = {
  sampling: {
    temperature: 0,
    logitBias: [
      [0, -100],
      [2, -100],
    ],
  },
  maxOutputTokens: 400,
} as const satisfies Partial<EngineRequest>;

/** A request to SmolLM2, greedy: the likeliest answer is its best. */
export function ask(question: string, change: Partial<EngineRequest> = {}): EngineRequest {
  return {
    messages: [
      {
        role: 'system',
        content: 'You are a helpful assistant.',
      },
      {
        role: 'user',
        content: question,
      },
    ],
    sampling: { temperature: 0 },
    form: { kind: 'text' },
    maxOutputTokens: 48,
    stop: [],
    priority: 0,
    ...change,
  };
}
