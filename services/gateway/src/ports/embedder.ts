import type { Call } from './call.ts';

/** Texts as vectors. */
export interface Embeddings {
  /** The model that made them, never an alias. */
  readonly model: { readonly name: string; readonly digest: string };
  /** One for each text, in order, of length 1. */
  readonly vectors: readonly (readonly number[])[];
  readonly inputTokens: number;
}

/** Turns texts into vectors. */
export interface Embedder {
  /**
   * @param model alias, name or digest
   * @param texts at least one, none empty
   * @throws ParleyError `unsupported` when the model's engine makes no vectors, naming those that do; `model_not_found`,
   * `model_not_ready`, `context_length_exceeded`, `unavailable`
   */
  embed(model: string, texts: readonly string[], call: Call): Promise<Embeddings>;
}
