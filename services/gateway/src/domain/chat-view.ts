import { answerCalls, answerText, systemFingerprint } from './turn.ts';
import type { FunctionCall, Turn, Usage } from './turn.ts';

const turnPrefix = 'resp_';
const chatPrefix = 'chatcmpl-';

/** The Chat Completions id of a turn: the turn's own id under another prefix. */
export function chatIdOf(turnId: string): string {
  return chatPrefix + (turnId.startsWith(turnPrefix) ? turnId.slice(turnPrefix.length) : turnId);
}

/** The turn a Chat Completions id belongs to; undefined when it is not such an id. */
export function turnIdOfChat(chatId: string): string | undefined {
  return chatId.startsWith(chatPrefix) ? turnPrefix + chatId.slice(chatPrefix.length) : undefined;
}

/** OpenAI's ways an answer can end; a deadline cuts it as a token limit does. */
export function finishReasonOf(turn: Turn): 'stop' | 'length' | 'tool_calls' {
  if (turn.incompleteReason === 'max_output_tokens' || turn.incompleteReason === 'deadline') return 'length';
  return answerCalls(turn).length > 0 ? 'tool_calls' : 'stop';
}

/** A call as a message of Chat Completions shows it. */
function toolCall({ callId, name, arguments: written }: FunctionCall) {
  return { id: callId, type: 'function', function: { name, arguments: written } } as const;
}

/** What the whole answer and each of its chunks say about where they come from. */
export function chatHead<T extends string>(turn: Turn, object: T) {
  return {
    id: chatIdOf(turn.id),
    object,
    created: Math.floor(turn.createdAtMs / 1000),
    model: turn.model?.name ?? '',
    system_fingerprint: systemFingerprint(turn),
    service_tier: 'default',
  } as const;
}

export function chatUsage(usage: Usage | undefined) {
  const input = usage?.inputTokens ?? 0;
  const output = usage?.outputTokens ?? 0;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: usage?.cachedInputTokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** An ended turn as the answer of a request that did not stream. */
export function chatCompletion(turn: Turn) {
  const text = answerText(turn);
  const calls = answerCalls(turn).map(toolCall);
  const content = text === '' && calls.length > 0 ? null : text;
  return {
    ...chatHead(turn, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content,
          refusal: null,
          annotations: [],
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishReasonOf(turn),
      },
    ],
    usage: chatUsage(turn.usage),
    ...(turn.store ? { metadata: turn.metadata } : {}),
  };
}
