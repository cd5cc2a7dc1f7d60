import type { EngineRequest, ModelSpec, ToolCallFormat } from '../../../../../ports/engine.ts';
import type { Reading } from '../../../engine-parts/answer-reader.ts';
import { ForcedCallReader } from '../../../engine-parts/forced-call-reader.ts';
import { ThoughtReader } from '../../../engine-parts/thought-reader.ts';
import { ToolCallReader } from '../../../engine-parts/tool-call-reader.ts';
import { markupOf } from '../../../engine-parts/tool-format.ts';
import type { CallPlan } from '../prompt/tool-calling.ts';

/** How an answer was asked for. */
export interface AskedAnswer {
  readonly plan: CallPlan;
  readonly format: Exclude<ToolCallFormat, 'none'>;
  /** The prompt leaves the model in a thought. */
  readonly endsInThought: boolean;
}

/** How the text of an answer is to be read. */
export function readingOf(
  { tools, form }: Pick<EngineRequest, 'tools' | 'form'>,
  { reasoning }: Pick<ModelSpec, 'reasoning'>,
  { plan, format, endsInThought }: AskedAnswer,
): Reading {
  const single = tools?.single ?? false;
  if (plan.forced !== undefined) return { calls: new ForcedCallReader(plan.forced.written), single };
  const thinks = reasoning === 'think-tags' && form.kind === 'text';
  const known = new Set(plan.described.map(({ name }) => name));
  return {
    thoughts: thinks ? new ThoughtReader(endsInThought) : undefined,
    calls: known.size === 0 ? undefined : new ToolCallReader(markupOf(format), known),
    single,
  };
}
