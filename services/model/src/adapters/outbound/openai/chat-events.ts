import { ParleyError } from '@parley/kernel';
import { callsIn } from './remote-calls.ts';
import type { RemoteCall } from './remote-calls.ts';
import { errorIn, isRecord, statusFault } from './remote-faults.ts';
import type { RemoteName } from './remote-faults.ts';
import type { SseEvent } from './sse-events.ts';

/** Tokens as the server counts them. */
export interface RemoteUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** The part of `inputTokens` that the server had read before; 0 where it does not say. */
  readonly cachedTokens: number;
}

/** What one event of an answer says. */
export interface ChatEvent {
  readonly text: string;
  readonly calls: readonly RemoteCall[];
  /** Whether it brings something the model thinks and does not say. */
  readonly reasons: boolean;
  /** Set once the model has ended by itself. */
  readonly reason?: 'stop' | 'length';
  readonly usage?: RemoteUsage;
}

/**
 * Reads an event; 'done' for the one that is the last.
 * @throws ParleyError for an error in the stream, and for what cannot be read.
 */
export function chatEvent({ field, text }: SseEvent, name: RemoteName): ChatEvent | 'done' {
  if (text.trim() === '[DONE]') return 'done';
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    if (field === 'error') throw statusFault(name, 500, { message: text, kind: '' });
    throw new ParleyError('engine_failed', `${name.title} sent an event that is no JSON.`, { cause });
  }
  return chatBody(field === 'error' && errorIn(body) === undefined ? { error: body } : body, name);
}

/** Reads an event's JSON, or a whole answer that came in one piece. @throws as `chatEvent` does. */
export function chatBody(body: unknown, name: RemoteName): ChatEvent {
  const error = errorIn(body);
  if (error !== undefined) throw statusFault(name, error.status ?? 500, error);
  if (!isRecord(body)) throw new ParleyError('engine_failed', `${name.title} sent what is no answer.`);
  const [choice] = Array.isArray(body['choices']) ? (body['choices'] as unknown[]) : [];
  const said = isRecord(choice) ? (choice['delta'] ?? choice['message']) : undefined;
  const part = isRecord(said) ? said : {};
  const usage = usageIn(body['usage']);
  const reason = isRecord(choice) ? endReason(choice['finish_reason'], name) : undefined;
  return {
    text: textOf(part['content']),
    calls: callsIn(part['tool_calls']),
    reasons: textOf(part['reasoning_content'] ?? part['reasoning']) !== '',
    ...(reason === undefined ? {} : { reason }),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** Text, or parts of which some are text. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .map((part) => (isRecord(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

const reasons: Readonly<Record<string, ChatEvent['reason']>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_calls: 'stop',
  function_call: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
};

function endReason(word: unknown, { title }: RemoteName): ChatEvent['reason'] {
  if (typeof word !== 'string' || word === '') return undefined;
  const known = reasons[word];
  if (known !== undefined) return known;
  if (word === 'content_filter') {
    const message = `${title} withholds the answer: its filter of contents ended it.`;
    throw new ParleyError('engine_failed', message, { retryable: false });
  }
  throw new ParleyError(
    'engine_failed',
    `${title} ended the answer without finishing it ("${word.slice(0, 40)}").`,
  );
}

/** Some servers write numbers as strings, and null where they know nothing yet. */
function usageIn(usage: unknown): RemoteUsage | undefined {
  if (!isRecord(usage)) return undefined;
  const inputTokens = countIn(usage['prompt_tokens']);
  const outputTokens = countIn(usage['completion_tokens'] ?? 0);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const details = usage['prompt_tokens_details'];
  const cachedTokens = Math.min(inputTokens, (isRecord(details) && countIn(details['cached_tokens'])) || 0);
  return { inputTokens, outputTokens, cachedTokens };
}

/** A whole number as servers write it; undefined for anything else. */
export function countIn(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const count = Number(value);
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
