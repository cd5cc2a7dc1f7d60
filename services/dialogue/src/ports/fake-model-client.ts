import { ParleyError } from '@parley/kernel';
import type { FinishReason, Usage } from '../domain/turn/turn.ts';
import type {
  CallScope,
  ModelClient,
  ModelUpdate,
  Prompt,
  ResolvedModel,
  TokenCounts,
  TokenQuestion,
} from './model-client.ts';

/** One generation in the hands of a test: it says what the test says, and knows whether it was stopped. */
export class FakeGeneration implements AsyncIterableIterator<ModelUpdate> {
  readonly prompt: Prompt;
  readonly scope: CallScope;
  readonly #updates: ModelUpdate[] = [];
  readonly #stopped = Promise.withResolvers<void>();
  #isStopped = false;
  #failure: ParleyError | undefined;
  #closed = false;
  #wake: () => void = () => undefined;
  #outputTokens = 0;

  constructor(prompt: Prompt, scope: CallScope) {
    this.prompt = prompt;
    this.scope = scope;
    if (scope.signal.aborted) this.#onAbort();
    else scope.signal.addEventListener('abort', () => this.#onAbort(), { once: true });
  }

  /** Resolves when the engine is told to stop. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  started(inputTokens = 5): this {
    return this.#push({ type: 'started', inputTokens });
  }

  says(text: string, tokens = 1): this {
    this.#outputTokens += tokens;
    return this.#push({ type: 'chunk', text, tokens });
  }

  /** A call in pieces of its arguments. */
  calls(index: number, name: string, ...pieces: string[]): this {
    for (const [at, written] of pieces.entries()) {
      this.#outputTokens++;
      const named = at === 0 ? { id: `call_${index}`, name } : { id: '', name: '' };
      this.#push({ type: 'tool_call', index, ...named, arguments: written, tokens: 1 });
    }
    return this;
  }

  finishes(reason: FinishReason = 'stop', usage?: Usage): this {
    const counted = { inputTokens: 5, cachedInputTokens: 0, outputTokens: this.#outputTokens };
    this.#push({ type: 'finished', reason, usage: usage ?? counted, queueMs: 1 });
    this.#closed = true;
    return this;
  }

  fails(error: ParleyError): this {
    this.#failure = error;
    this.#wake();
    return this;
  }

  async next(): Promise<IteratorResult<ModelUpdate>> {
    for (;;) {
      const value = this.#updates.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#closed) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  return(): Promise<IteratorResult<ModelUpdate>> {
    this.#stopped.resolve();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(update: ModelUpdate): this {
    this.#updates.push(update);
    this.#wake();
    return this;
  }

  #onAbort(): void {
    this.#isStopped = true;
    this.#stopped.resolve();
    this.fails(new ParleyError('cancelled', 'The request was cancelled.'));
  }
}

/** A model that answers each prompt as `answer` says; by default with a greeting. */
export class FakeModelClient implements ModelClient {
  readonly generations: FakeGeneration[] = [];
  /** Set to make resolving fail. */
  refusal: ParleyError | undefined;
  resolved: ResolvedModel = {
    model: { name: 'tiny', digest: 'd'.repeat(64) },
    contextTokens: 1_000,
    abilities: { grammar: true, logitBias: true, tools: true },
  };
  /** What the next generations do. */
  answer: (generation: FakeGeneration, index: number) => void = (generation) => {
    generation.started().says('Hello').says(' there').finishes();
  };
  /** What was asked to be counted. */
  readonly questions: TokenQuestion[] = [];
  /** The models that were asked for. */
  readonly asked: string[] = [];
  readonly #waiting: (() => void)[] = [];

  resolve(model: string): Promise<ResolvedModel> {
    this.asked.push(model);
    return this.refusal === undefined ? Promise.resolve(this.resolved) : Promise.reject(this.refusal);
  }

  /** A token per character; of messages three more each, and two for the whole. */
  countTokens(_digest: string, question: TokenQuestion): Promise<TokenCounts> {
    this.questions.push(question);
    const lengths = question.messages.map(({ content }) => content.map(({ text }) => text).join('').length);
    const messageTokens = lengths.length === 0 ? 0 : lengths.reduce((sum, length) => sum + length + 3, 2);
    return Promise.resolve({ messageTokens, textTokens: question.texts.map((text) => text.length) });
  }

  generate(prompt: Prompt, scope: CallScope): AsyncIterable<ModelUpdate> {
    const generation = new FakeGeneration(prompt, scope);
    this.generations.push(generation);
    this.answer(generation, this.generations.length - 1);
    for (const wake of this.#waiting.splice(0)) wake();
    return generation;
  }

  /** The generation of that number, from 0; waits until it is asked for. */
  async generation(index: number): Promise<FakeGeneration> {
    for (;;) {
      const generation = this.generations[index];
      if (generation !== undefined) return generation;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
