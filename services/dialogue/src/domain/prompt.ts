import type { Prompt, PromptMessage } from '../ports/model-client.ts';
import type { StartRequest } from './start-request.ts';
import type { PromptContext } from './strategy/strategy.ts';
import type { Item, Turn } from './turn.ts';
import { textOf } from './turn.ts';

/** What the model reads for a turn: the instructions, then what was said. */
export function buildPrompt(
  turn: Turn,
  request: StartRequest,
  context: PromptContext,
  cacheScope: string,
): Prompt {
  return {
    turnId: turn.id,
    digest: turn.model.digest,
    messages: [...instructionMessage(context.instructions), ...context.items.map(toMessage)],
    sampling: request.sampling,
    format: request.format,
    maxOutputTokens: request.maxOutputTokens,
    stop: request.stop,
    cacheScope,
  };
}

function instructionMessage(instructions: string): PromptMessage[] {
  if (instructions === '') return [];
  return [{ role: 'system', content: [{ type: 'text', text: instructions }], name: '' }];
}

/** An answer that was cut before its first word would only confuse the model. */
export function saidSomething(item: Item): boolean {
  return item.role !== 'assistant' || textOf(item) !== '';
}

function toMessage(item: Item): PromptMessage {
  return { role: item.role, content: item.content, name: item.name };
}
