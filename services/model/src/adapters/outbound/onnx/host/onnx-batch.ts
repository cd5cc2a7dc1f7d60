import type { BatchItem, Sampled, SequenceReuse, StepBatch } from '../../gguf/host/step/step-batch.ts';
import type { CausalGraph, Past } from './causal-graph.ts';
import type { TokenChoice } from './token-choice.ts';

/**
 * The forward pass of one model. Each sequence has a run of its own in a step: the pasts of several differ in length,
 * and putting them side by side would mean to copy all of them in every step.
 */
export class OnnxBatch implements StepBatch<TokenChoice> {
  readonly #graph: CausalGraph;
  readonly #pasts = new Map<number, Past>();

  constructor(graph: CausalGraph) {
    this.#graph = graph;
  }

  /** Bytes of keys and values that sequences hold now. */
  get heldBytes(): number {
    const tokens = [...this.#pasts.values()].reduce((sum, past) => sum + past.tokens, 0);
    return tokens * this.#graph.bytesPerToken;
  }

  async run(items: readonly BatchItem<TokenChoice>[]): Promise<readonly Sampled[]> {
    const sampled: Sampled[] = [];
    for (const item of items) sampled.push(await this.#runOne(item));
    return sampled;
  }

  clear(sequence: number): void {
    this.#pasts.delete(sequence);
  }

  /** Nothing changes a past once it is there, so two sequences can hold the same one. */
  readonly reuse: SequenceReuse = {
    cut: (sequence, length) => {
      const past = this.#pasts.get(sequence);
      if (past === undefined || past.tokens < length) return false;
      this.#pasts.set(sequence, this.#graph.cut(past, length));
      return true;
    },
    copy: async (from, to) => {
      const past = this.#pasts.get(from);
      if (past === undefined) this.#pasts.delete(to);
      else this.#pasts.set(to, past);
    },
  };

  async #runOne({ sequence, position, tokens, sampler }: BatchItem<TokenChoice>): Promise<Sampled> {
    const past = position === 0 ? this.#graph.empty() : this.#pasts.get(sequence);
    if (past?.tokens !== position) return new Error(`sequence ${sequence} does not stand at ${position}`);
    try {
      const { past: next, logits } = await this.#graph.run(past, tokens, sampler !== undefined);
      this.#pasts.set(sequence, next);
      return logits === undefined ? undefined : sampler?.choose(logits);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
