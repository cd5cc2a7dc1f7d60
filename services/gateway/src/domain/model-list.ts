import { ParleyError } from '@parley/kernel';
import type { ListedModel } from '../ports/models.ts';

/** A model, or an alias of one, as an entry of OpenAI's model list. */
function entryOf(id: string, model: ListedModel) {
  return {
    id,
    object: 'model',
    created: Math.floor(model.createdAtMs / 1000),
    owned_by: 'parley',
    name: model.name,
    alias: id !== model.name,
    state: model.state,
    reason: model.reason === '' ? null : model.reason,
    engine: model.engine,
    context_tokens: model.contextTokens,
    digest: model.digest,
    license: model.license === '' ? null : model.license,
    description: model.description,
  } as const;
}

function entriesOf(models: readonly ListedModel[]) {
  const names = models.map((model) => entryOf(model.name, model));
  const aliases = models.flatMap((model) => model.aliases.map((alias) => entryOf(alias, model)));
  return [...names, ...aliases];
}

/** Every id that a request may give as its `model`: names first, then aliases. */
export function modelList(models: readonly ListedModel[]) {
  return { object: 'list', data: entriesOf(models) } as const;
}

/** One of them. @throws ParleyError `model_not_found` naming those there are */
export function modelEntry(models: readonly ListedModel[], id: string) {
  const entries = entriesOf(models);
  const found = entries.find((entry) => entry.id === id);
  if (found !== undefined) return found;
  const known = entries.map((entry) => entry.id).join(', ');
  throw new ParleyError('model_not_found', `There is no model of that name. There are: ${known || 'none'}.`, {
    param: 'model',
  });
}
