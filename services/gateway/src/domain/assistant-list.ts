import type { ListedAssistant } from '../ports/assistants.ts';

/** Every assistant that a request may give as its `model`, by the very id it gives. */
export function assistantList(assistants: readonly ListedAssistant[]) {
  return { object: 'list', data: assistants.map(entryOf) } as const;
}

function entryOf({ name, version, title, description, model, strategies }: ListedAssistant) {
  return {
    id: `assistant:${name}`,
    object: 'assistant',
    name,
    version,
    title,
    description,
    model,
    strategies,
  } as const;
}
