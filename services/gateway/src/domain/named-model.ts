import { ParleyError } from '@parley/kernel';

const assistantPrefix = 'assistant:';

/**
 * The `model` of an operation that is a model's own, where an assistant cannot stand in.
 * @param why in one sentence, for the refusal
 * @throws ParleyError `unsupported` when an assistant is named
 */
export function namedModel(model: string, why: string): string {
  if (!model.startsWith(assistantPrefix)) return model;
  throw new ParleyError('unsupported', `${why} Name a model; GET /v1/assistants tells which one it asks.`, {
    param: 'model',
  });
}
