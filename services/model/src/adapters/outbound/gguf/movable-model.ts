import { ParleyError } from '@parley/kernel';
import type {
  CountRequest,
  CountResult,
  Embeddings,
  EngineAbilities,
  EngineRequest,
  EngineUpdate,
  LoadedModel,
  ModelMemory,
} from '../../../ports/engine.ts';

/** A loaded model that can be carried on by another copy of itself, which nobody who uses it sees. */
export class MovableModel implements LoadedModel {
  readonly contextTokens: number;
  readonly slots: number;
  readonly abilities: EngineAbilities;
  readonly lost: Promise<ParleyError>;
  readonly #lose: (error: ParleyError) => void;
  readonly #onGone: (model: MovableModel) => void;
  #copy: LoadedModel;
  /** Answers and questions at work, by the copy that they are with. */
  readonly #work = new Map<LoadedModel, number>();
  readonly #rested = new Map<LoadedModel, () => void>();

  /** @param onGone is called once nobody can use it any more */
  constructor(copy: LoadedModel, onGone: (model: MovableModel) => void) {
    this.contextTokens = copy.contextTokens;
    this.slots = copy.slots;
    this.abilities = copy.abilities;
    this.#onGone = onGone;
    const { promise, resolve } = Promise.withResolvers<ParleyError>();
    this.lost = promise;
    this.#lose = resolve;
    this.#copy = copy;
    void this.#whenLost(copy);
  }

  /** From now on the other copy does the work. Resolves when the one before has nothing to do any more. */
  async move(copy: LoadedModel): Promise<void> {
    const before = this.#copy;
    this.#copy = copy;
    void this.#whenLost(copy);
    if ((this.#work.get(before) ?? 0) === 0) return;
    await new Promise<void>((resolve) => this.#rested.set(before, resolve));
  }

  async *generate(request: EngineRequest, signal: AbortSignal): AsyncGenerator<EngineUpdate, void> {
    const copy = this.#copy;
    this.#begin(copy);
    try {
      yield* copy.generate(request, signal);
    } finally {
      this.#end(copy);
    }
  }

  async countTokens(request: CountRequest): Promise<CountResult> {
    const copy = this.#copy;
    this.#begin(copy);
    try {
      return await copy.countTokens(request);
    } finally {
      this.#end(copy);
    }
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<Embeddings> {
    const copy = this.#copy;
    if (copy.embed === undefined) throw new ParleyError('unsupported', 'The model makes no embeddings.');
    this.#begin(copy);
    try {
      return await copy.embed(texts, signal);
    } finally {
      this.#end(copy);
    }
  }

  memory(): Promise<ModelMemory> {
    return this.#copy.memory();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#onGone(this);
    await this.#copy[Symbol.asyncDispose]();
  }

  async #whenLost(copy: LoadedModel): Promise<void> {
    const error = await copy.lost;
    if (copy !== this.#copy) return;
    this.#onGone(this);
    this.#lose(error);
  }

  #begin(copy: LoadedModel): void {
    this.#work.set(copy, (this.#work.get(copy) ?? 0) + 1);
  }

  #end(copy: LoadedModel): void {
    const left = (this.#work.get(copy) ?? 1) - 1;
    if (left > 0) return void this.#work.set(copy, left);
    this.#work.delete(copy);
    this.#rested.get(copy)?.();
    this.#rested.delete(copy);
  }
}
