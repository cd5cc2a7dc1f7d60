import type { ModelSpec } from '../../ports/engine.ts';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { ModelJudge, Reading } from '../../ports/quantise/model-judge.ts';
import { passagesOf } from './evaluation.ts';
import type { Evaluation } from './evaluation.ts';
import type { PairedTrial } from './quality-gate.ts';

interface Trial {
  readonly reading: Reading;
  readonly answers: readonly string[];
}

/** Has source and result read and answer the same, one model in memory at a time. @throws as the judge does. */
export async function tryBoth(
  judge: ModelJudge,
  specs: { readonly source: ModelSpec; readonly result: ModelSpec },
  evaluation: Evaluation,
  progress: MoveProgress,
): Promise<PairedTrial> {
  const { questions } = evaluation;
  const source = await tryOne(judge, specs.source, evaluation, part(progress, 0));
  const result = await tryOne(judge, specs.result, evaluation, part(progress, 0.5));
  return { questions, source, result };
}

async function tryOne(
  judge: ModelJudge,
  spec: ModelSpec,
  evaluation: Evaluation,
  progress: MoveProgress,
): Promise<Trial> {
  const { signal } = progress;
  progress.stage(`having ${spec.name} read held-out text`);
  const reading = await judge.read(spec, passagesOf(evaluation), {
    signal,
    share: (done) => progress.share(done / 2),
  });
  progress.stage(`asking ${spec.name} ${evaluation.questions.length} questions`);
  const answers = await judge.answer(spec, evaluation.questions, {
    signal,
    share: (done) => progress.share(0.5 + done / 2),
  });
  return { reading, answers };
}

/** Half of the whole that begins at `from`. */
function part(progress: MoveProgress, from: number): MoveProgress {
  return {
    signal: progress.signal,
    stage: (text) => progress.stage(text),
    note: (line) => progress.note(line),
    share: (done) => progress.share(from + done / 2),
  };
}
