import type { WeightFormat } from '../../domain/quantise/weight-format.ts';
import type { FileContent } from '../pull/model-cache.ts';

/** Which weights are to be written anew, and how. */
export interface WritingOrder {
  /** Absolute path of a GGUF file; of a split one its first part. */
  readonly source: string;
  readonly format: WeightFormat;
}

/** What writing would come to. */
export interface WritingPlan {
  /** Of the result. */
  readonly bytes: number;
  /** Formats in which the source has its matrices, the most frequent first: `f16`, `q4_1`. */
  readonly formats: readonly string[];
}

/** Where writing tells how far it is; aborting `signal` gives it up. */
export interface WritingProgress {
  readonly signal: AbortSignal;
  share(done: number): void;
}

/** Writes weights in fewer bits. Both work in a process of their own, which yields to everything else on the machine. */
export interface WeightsWriter {
  /** What does it, for the record: `llama.cpp 0.5.0 (node-llama-cpp 3.22.1)`. */
  readonly tool: string;
  /** @throws ParleyError `engine_failed` that says what is wrong with the file or with this installation. */
  plan(order: WritingOrder, signal: AbortSignal): Promise<WritingPlan>;
  /**
   * Writes the part of the cache's file `name`, durably.
   * @param requantize whether weights that are quantised already may be quantised again
   * @throws ParleyError `engine_failed`; CacheFault when the disk is full; the signal's reason.
   */
  write(
    order: WritingOrder & { readonly name: string; readonly requantize: boolean },
    progress: WritingProgress,
  ): Promise<FileContent>;
}
