import type { PromptCall, PromptMessage } from '../../ports/model-client.ts';
import type { Item } from '../turn/turn.ts';

/** Items as messages: the calls of an answer belong to the message before them. */
export function promptMessages(items: readonly Item[]): PromptMessage[] {
  const messages: PromptMessage[] = [];
  let open: { readonly message: PromptMessage; readonly calls: PromptCall[] } | undefined;
  for (const item of items) {
    if (item.type !== 'function_call') {
      const message = messageOf(item);
      open = item.role === 'assistant' ? { message, calls: [] } : undefined;
      messages.push(message);
      continue;
    }
    const call = { id: item.callId, name: item.name, arguments: item.arguments };
    if (open === undefined) {
      open = { message: { role: 'assistant', content: [], name: '' }, calls: [] };
      messages.push(open.message);
    }
    open.calls.push(call);
    messages[messages.length - 1] = { ...open.message, toolCalls: [...open.calls] };
  }
  return messages;
}

function messageOf(item: Exclude<Item, { type: 'function_call' }>): PromptMessage {
  const { role, content, name } = item;
  return item.type === 'function_output'
    ? { role, content, name, toolCallId: item.callId }
    : { role, content, name };
}
