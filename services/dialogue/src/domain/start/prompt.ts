import type { Prompt, PromptMessage } from '../../ports/model-client.ts';
import type { PromptCache } from './prompt-cache.ts';
import { promptMessages } from './prompt-messages.ts';
import type { StartRequest } from './start-request.ts';
import type { PromptContext } from '../strategy/strategy.ts';
import type { Item, Turn } from '../turn/turn.ts';
import { textOf } from '../turn/turn.ts';

/** What the model reads for a turn: the instructions, then what was said. */
export function buildPrompt(
  turn: Turn,
  request: StartRequest,
  context: PromptContext,
  cache: PromptCache,
): Prompt {
  return {
    turnId: turn.id,
    digest: turn.model.digest,
    messages: [...instructionMessage(context.instructions), ...promptMessages(context.items)],
    sampling: request.sampling,
    format: request.format,
    tools: request.tools,
    maxOutputTokens: request.maxOutputTokens,
    stop: request.stop,
    cache,
  };
}

function instructionMessage(instructions: string): PromptMessage[] {
  if (instructions === '') return [];
  return [{ role: 'system', content: [{ type: 'text', text: instructions }], name: '' }];
}

/** An answer that was cut before its first word, or a call that was cut, would only confuse the model. */
export function saidSomething(item: Item): boolean {
  if (item.type === 'function_call') return item.status === 'completed';
  return item.role !== 'assistant' || textOf(item) !== '';
}
