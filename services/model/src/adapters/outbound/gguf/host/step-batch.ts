/** Chooses the next token of one answer; holds native memory until it is disposed. */
export type TokenSampler = Disposable;

/** What one sequence puts into a step. */
export interface BatchItem<Sampler extends TokenSampler> {
  readonly sequence: number;
  /** Where in its sequence the first of the tokens stands. */
  readonly position: number;
  readonly tokens: Uint32Array;
  /** Set when a token is wanted after the last one given. */
  readonly sampler: Sampler | undefined;
}

/** A token, nothing (none was wanted), or why none could be chosen for this sequence alone. */
export type Sampled = number | undefined | Error;

/** The forward pass of one context. */
export interface StepBatch<Sampler extends TokenSampler> {
  /**
   * Decodes all items at once and samples where wanted; the answers are in the items' order.
   * Items come in increasing order of sequence: llama.cpp splits a batch where the order breaks.
   */
  run(items: readonly BatchItem<Sampler>[]): Promise<readonly Sampled[]>;
  /** Forgets what a sequence holds. Never called while a batch runs. */
  clear(sequence: number): void;
}
