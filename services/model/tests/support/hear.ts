import type { ParleyError } from '@parley/kernel';
import type { EngineRequest, EngineUpdate, LoadedModel, ToolCall } from '../../src/ports/engine.ts';

/** What an answer was in the end. */
export interface Heard {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly inputTokens: number;
  readonly finished: Extract<EngineUpdate, { type: 'finished' }> | undefined;
  readonly error: ParleyError | undefined;
  readonly chunks: readonly string[];
  readonly calls: readonly ToolCall[];
}

/** Generates one answer and waits for its end, good or bad. */
export async function hear(
  model: LoadedModel,
  request: EngineRequest,
  signal: AbortSignal = new AbortController().signal,
  onUpdate: (update: EngineUpdate) => void = () => undefined,
): Promise<Heard> {
  const chunks: string[] = [];
  const tokenIds: number[] = [];
  const calls: ToolCall[] = [];
  let inputTokens = 0;
  let finished: Heard['finished'];
  let error: ParleyError | undefined;
  try {
    for await (const update of model.generate(request, signal)) {
      if (update.type === 'started') inputTokens = update.inputTokens;
      if (update.type === 'finished') finished = update;
      if (update.type === 'chunk') {
        chunks.push(update.text);
        tokenIds.push(...update.tokenIds);
      }
      if (update.type === 'tool-call') {
        const { index, id, name } = update;
        const written = (calls[index]?.arguments ?? '') + update.arguments;
        calls[index] = { id: calls[index]?.id ?? id, name: calls[index]?.name ?? name, arguments: written };
        tokenIds.push(...update.tokenIds);
      }
      onUpdate(update);
    }
  } catch (thrown) {
    error = thrown as ParleyError;
  }
  return { text: chunks.join(''), tokenIds, inputTokens, finished, error, chunks, calls };
}
