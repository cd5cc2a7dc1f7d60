import type { LlamaInternals, NativeContext, NativeSampler } from '../load/llama-internals.ts';
import type { BatchItem, Sampled, SequenceFiles, SequenceReuse, StepBatch } from './step-batch.ts';

/** A native sampler that frees its memory when its answer ends. */
export interface DisposableSampler extends Disposable {
  readonly native: NativeSampler;
}

const noLogits = new Uint32Array(0);

/** The forward pass of llama.cpp, driven directly. */
export class NativeBatch implements StepBatch<DisposableSampler> {
  readonly reuse: SequenceReuse | undefined;
  readonly #context: NativeContext;

  /** @param canCut whether the end of a sequence can be taken back, as it cannot where a model keeps a state */
  constructor(internals: LlamaInternals, canCut = false) {
    const { context } = internals;
    this.#context = context;
    this.reuse = canCut
      ? {
          cut: (sequence, length) => context.removeTokenCellsFromSequence(sequence, length, -1),
          copy: async (from, to) => void (await context.copySequenceStateFromOtherSequence(to, from)),
          files: filesOf(context),
        }
      : undefined;
  }

  async run(items: readonly BatchItem<DisposableSampler>[]): Promise<readonly Sampled[]> {
    this.#context.initBatch(items.reduce((total, { tokens }) => total + tokens.length, 0));
    const places = items.map(({ sequence, position, tokens, sampler }) => {
      const wanted = sampler === undefined ? noLogits : Uint32Array.of(tokens.length - 1);
      return this.#context.addToBatch(sequence, position, tokens, wanted)[0];
    });
    await this.#context.decodeBatch();
    return Promise.all(items.map(({ sampler }, index) => this.#sample(places[index], sampler)));
  }

  clear(sequence: number): void {
    this.#context.removeTokenCellsFromSequence(sequence, 0, -1);
  }

  async #sample(place: number | undefined, sampler: DisposableSampler | undefined): Promise<Sampled> {
    if (place === undefined || sampler === undefined) return undefined;
    try {
      const token = await this.#context.sampleToken(place, sampler.native);
      return token === -1 ? new Error('no token is possible here') : token;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

function filesOf(context: NativeContext): SequenceFiles {
  return {
    save: async (sequence, tokens, path) =>
      void (await context.saveSequenceStateToFile(path, sequence, tokens)),
    load: async (sequence, tokens, path) => {
      const loaded = await context.loadSequenceStateFromFile(path, sequence, tokens.length);
      if (loaded.length !== tokens.length) throw new Error('it holds other tokens');
    },
  };
}
