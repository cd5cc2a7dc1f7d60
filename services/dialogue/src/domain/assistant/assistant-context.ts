import type { PreviousConversation } from '../start/previous-turns.ts';
import { saidSomething } from '../start/prompt.ts';
import type { BuildRequest, BuiltContext, Pipeline, ReceivedInput } from '../strategy/pipeline.ts';
import type { Conversation } from '../strategy/strategy.ts';
import { textOf } from '../turn/turn.ts';
import type { Item } from '../turn/turn.ts';
import { instructionsOf } from './assistant.ts';
import type { Assistant } from './assistant.ts';
import { localesOf } from './locale-text.ts';

/** The conversation as strategies see it. @param languages what the caller asks for; '' = as the user writes. */
export function conversationOf(
  before: PreviousConversation,
  input: readonly Item[],
  languages: string,
): Conversation {
  // A message of digits alone is in no language; the one before it was.
  const inWords = [...before.items, ...input].findLast(
    (item) => item.role === 'user' && /\p{L}/u.test(textOf(item)),
  );
  const locales = localesOf(languages, inWords === undefined ? '' : textOf(inWords));
  return { before: before.items.filter(saidSomething), input, locales };
}

/**
 * What the model reads of an assistant's turn: its instructions and those of the request, then what was said, as the
 * strategies leave it.
 */
export function assistantContext(
  pipeline: Pipeline,
  assistant: Assistant,
  received: ReceivedInput,
  ownInstructions: string,
  request: BuildRequest,
): Promise<BuiltContext> {
  const { before, input, locales } = request.conversation;
  const start = {
    instructions: instructionsOf(assistant, ownInstructions, locales),
    items: [...before, ...input],
  };
  return pipeline.build(assistant.strategies, start, received.states, request);
}
