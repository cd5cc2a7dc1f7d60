import type { ChatMessage, RequestTools } from '../../../ports/engine.ts';

/** English takes about 4 bytes a token, Chinese about 3; too many is the safe side when a context is filled. */
const bytesPerToken = 3;
/** Role and marks around a message, in the templates of common models. */
const tokensPerMessage = 6;

/** About how many tokens a text is, more rather than fewer; for servers that do not count. */
export function estimateText(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

/** About how many tokens a conversation is. */
export function estimateMessages(messages: readonly ChatMessage[]): number {
  return messages.reduce(
    (sum, { content, toolCalls = [] }) =>
      toolCalls.reduce(
        (calls, call) => calls + tokensPerMessage + estimateText(call.name + call.arguments),
        sum + tokensPerMessage + estimateText(content),
      ),
    0,
  );
}

/** About how many tokens the description of functions is. */
export function estimateTools(tools: RequestTools | undefined): number {
  return tools === undefined || tools.choice === 'none' ? 0 : estimateText(JSON.stringify(tools.functions));
}
