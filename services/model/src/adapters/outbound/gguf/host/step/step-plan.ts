import type { RunningAnswer } from '../answer/answer-job.ts';
import { slicePrompts } from './prompt-slices.ts';
import type { BatchItem, TokenSampler } from './step-batch.ts';

/** What an answer puts into a step. */
export interface PlannedStep<Sampler extends TokenSampler> {
  readonly answer: RunningAnswer<Sampler>;
  readonly item: BatchItem<Sampler>;
}

/**
 * One token of every answer that runs and slices of the prompts, `promptTokens` in all, in order of sequence.
 * @param answers in order of admission
 * @param step its number
 */
export function planStep<Sampler extends TokenSampler>(
  answers: readonly RunningAnswer<Sampler>[],
  promptTokens: number,
  step: number,
): PlannedStep<Sampler>[] {
  const reading = answers.filter((answer) => answer.unreadTokens > 0);
  const slices = slicePrompts(reading, promptTokens, step);
  const sliceOf = new Map(reading.map((answer, index) => [answer, slices[index] ?? 0]));
  return answers
    .filter((answer) => sliceOf.get(answer) !== 0)
    .sort((a, b) => a.sequence - b.sequence)
    .map((answer) => {
      const slice = sliceOf.get(answer) ?? 0;
      const item = {
        sequence: answer.sequence,
        position: answer.position,
        tokens: answer.nextTokens(slice),
        sampler: slice === answer.unreadTokens ? answer.sampler : undefined,
      };
      return { answer, item };
    });
}
