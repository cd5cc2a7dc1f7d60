import { ParleyError } from '@parley/kernel';
import type { CountRequest, CountResult, ModelMemory, ModelSpec } from '../../../../ports/engine.ts';
import type { HostModel } from '../../gguf/host/host-engine.ts';
import { packVectors } from '../../gguf/packed-vectors.ts';
import type { PackedVectors } from '../../gguf/packed-vectors.ts';
import type { EmbeddingGraph } from './embedding-graph.ts';
import type { HubTokenizer } from './onnx-runtime.ts';
import { batchesOf } from './text-batches.ts';

/** Tokens of one run, filled-up places among them: on a slow core half a second, in which nothing else happens. */
const tokensPerRun = 512;

/** What a model that makes vectors is made of. */
export interface EmbeddingParts {
  readonly spec: ModelSpec;
  readonly graph: EmbeddingGraph;
  readonly tokenizer: HubTokenizer;
  readonly weightsBytes: number;
}

/** A model in this process that turns texts into vectors. Several requests take turns, run by run. */
export class EmbeddingModel implements HostModel {
  readonly #parts: EmbeddingParts;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(parts: EmbeddingParts) {
    this.#parts = parts;
  }

  generate(): Promise<never> {
    const message = `Model "${this.#parts.spec.name}" makes embeddings; it does not answer.`;
    return Promise.reject(new ParleyError('unsupported', message, { param: 'model' }));
  }

  cancel(): void {
    // It has no answers.
  }

  count({ messages, texts }: CountRequest): CountResult {
    const contents = messages.map(({ content }) => this.#idsOf(content, false).length);
    return {
      messageTokens: contents.reduce((sum, count) => sum + count, 0),
      textTokens: texts.map((text) => this.#idsOf(text, false).length),
    };
  }

  async embed(texts: readonly string[], caller: AbortSignal): Promise<PackedVectors> {
    const { slots, maxQueued, name } = this.#parts.spec;
    if (this.#running.size >= slots + maxQueued)
      throw new ParleyError('overloaded', `The queue of model "${name}" is full.`);
    const work = this.#embed(texts, AbortSignal.any([caller, this.#closing.signal]));
    const settled = work.catch(() => undefined);
    this.#running.add(settled);
    try {
      return await work;
    } finally {
      this.#running.delete(settled);
    }
  }

  memory(): ModelMemory {
    return { device: 'cpu', weightsBytes: this.#parts.weightsBytes, kvBytes: 0, computeBytes: 0 };
  }

  async close(): Promise<void> {
    this.#closing.abort(new ParleyError('model_not_ready', 'The model was unloaded. Try again.'));
    await Promise.all(this.#running);
    await this.#parts.graph.release();
  }

  async #embed(texts: readonly string[], signal: AbortSignal): Promise<PackedVectors> {
    const read = texts.map((text, index) => ({ index, ids: this.#readText(text, index) }));
    const vectors = Array.from<Float32Array>({ length: texts.length });
    for (const batch of batchesOf(read, tokensPerRun)) {
      signal.throwIfAborted();
      const made = await this.#parts.graph.run(batch);
      for (const [place, { index }] of batch.entries()) vectors[index] = made[place] ?? new Float32Array(0);
    }
    const inputTokens = read.reduce((sum, { ids }) => sum + ids.length, 0);
    return packVectors(vectors, inputTokens);
  }

  #readText(text: string, index: number): readonly number[] {
    const { contextTokens, name } = this.#parts.spec;
    const ids = this.#idsOf(text, true);
    if (ids.length <= contextTokens) return ids;
    const message = `texts[${index}] has ${ids.length} tokens; model "${name}" holds ${contextTokens}.`;
    throw new ParleyError('context_length_exceeded', message, { param: `texts[${index}]` });
  }

  #idsOf(text: string, marked: boolean): readonly number[] {
    return text === '' && !marked
      ? []
      : this.#parts.tokenizer.encode(text, { add_special_tokens: marked }).ids;
  }
}
