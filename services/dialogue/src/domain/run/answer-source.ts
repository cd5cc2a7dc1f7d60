import type { ModelClient, ModelUpdate, Prompt } from '../../ports/model-client.ts';
import type { RunningTurn } from '../turn/running-turn.ts';

/** Where a turn's answer comes from: from a strategy that knows it already, or from the model. */
export type AnswerSource =
  | { readonly type: 'said'; readonly text: string }
  | {
      readonly type: 'model';
      readonly prompt: Prompt;
      /** Said after the model's own words; '' = nothing. */
      readonly afterwards: string;
    };

/** The answer as a generation tells it; may be opened again when it breaks before its first token. */
export function openAnswer(
  source: AnswerSource,
  turn: RunningTurn,
  model: ModelClient,
): AsyncIterable<ModelUpdate> {
  if (source.type === 'said') return saidUpdates(source.text);
  const updates = model.generate(source.prompt, turn.scope);
  return source.afterwards === '' ? updates : withAfterwards(updates, source.afterwards);
}

/** A text that costs no token. */
// oxlint-disable-next-line typescript/require-await -- what reads it reads models the same way
async function* saidUpdates(text: string): AsyncGenerator<ModelUpdate, void> {
  yield { type: 'started', inputTokens: 0 };
  yield { type: 'chunk', text, tokens: 0 };
  const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  yield { type: 'finished', reason: 'stop', usage, queueMs: 0 };
}

/** An answer that was cut gets nothing after it. */
async function* withAfterwards(
  updates: AsyncIterable<ModelUpdate>,
  afterwards: string,
): AsyncGenerator<ModelUpdate, void> {
  let said = false;
  for await (const update of updates) {
    if (update.type === 'chunk' && update.text !== '') said = true;
    if (update.type === 'finished' && update.reason === 'stop') {
      yield { type: 'chunk', text: said ? `\n\n${afterwards}` : afterwards, tokens: 0 };
    }
    yield update;
  }
}
