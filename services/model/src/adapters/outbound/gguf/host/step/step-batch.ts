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
  /** Absent: what a sequence holds is of no use to the next answer. */
  readonly reuse?: SequenceReuse | undefined;
}

/** Sequences in files, which are in the clear. Never while a batch runs. */
export interface SequenceFiles {
  /** Writes what a sequence holds. @throws Error */
  save(sequence: number, tokens: Uint32Array, path: string): Promise<void>;
  /** Makes a sequence hold what such a file does. @throws Error; then nothing is certain of the sequence. */
  load(sequence: number, tokens: Uint32Array, path: string): Promise<void>;
}

/** What a context must be able to do so that answers can go on from what others have read. Never while a batch runs. */
export interface SequenceReuse {
  /** Keeps the first `length` tokens; false when that cannot be done, and then the sequence must be cleared. */
  cut(sequence: number, length: number): boolean;
  /** Makes `to` hold what `from` holds. */
  copy(from: number, to: number): Promise<void>;
  /** Absent: what sequences hold cannot be written to files. */
  readonly files?: SequenceFiles;
}
