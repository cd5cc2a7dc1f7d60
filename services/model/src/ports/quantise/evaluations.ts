import type { Evaluation } from '../../domain/quantise/evaluation.ts';

/** What models are measured by. */
export interface Evaluations {
  /** A model's own evaluation; where it has none, the one for any model. */
  of(model: string): Evaluation;
}
