import type { Passage, Question } from '../../domain/quantise/evaluation.ts';
import type { ModelSpec } from '../engine.ts';

/** How a model reads passages. */
export interface Reading {
  /** Tokens that were predicted. */
  readonly tokens: number;
  /** Natural logarithm of the likelihood of all of them together. */
  readonly logLikelihood: number;
  /** The token that the model held most likely at each place. */
  readonly likeliest: readonly number[];
}

/** Where judging tells how far it is; aborting `signal` gives it up. */
export interface JudgingProgress {
  readonly signal: AbortSignal;
  share(done: number): void;
}

/** Tries models out, in processes of their own that yield to everything else. */
export interface ModelJudge {
  /** @throws ParleyError what is wrong with the file; `engine_failed`; the signal's reason. */
  read(spec: ModelSpec, passages: readonly Passage[], progress: JudgingProgress): Promise<Reading>;
  /** Answers in the order of the questions. A question that the model cannot take has the answer ''. @throws as `read`. */
  answer(spec: ModelSpec, questions: readonly Question[], progress: JudgingProgress): Promise<string[]>;
}
