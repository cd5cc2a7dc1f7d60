import { ParleyError } from '@parley/kernel';
import type { Item } from '../turn/turn.ts';

/**
 * A result is of a call that was made before it, in this conversation.
 * @throws ParleyError `invalid_request` that names the input at fault.
 */
export function requireCalls(before: readonly Item[], input: readonly Item[]): void {
  const made = new Set(before.flatMap(callIdOf));
  for (const [index, item] of input.entries()) {
    if (item.type === 'function_call') made.add(item.callId);
    if (item.type !== 'function_output' || made.has(item.callId)) continue;
    const message = `input[${index}] is the result of call '${item.callId.slice(0, 100)}', which was not made before it.`;
    throw new ParleyError('invalid_request', message, { param: `input[${index}].call_id` });
  }
}

function callIdOf(item: Item): string[] {
  return item.type === 'function_call' ? [item.callId] : [];
}
