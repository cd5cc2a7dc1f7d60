import { ParleyError } from '@parley/kernel';
import type { Message, OutputFormat, Speaker, StartTurn } from './turn.ts';

type Maybe<T> = T | null | undefined;

/** A text part of a Chat Completions message. */
type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'refusal'; readonly refusal: string };

interface ChatMessage {
  readonly role: Speaker;
  readonly content?: Maybe<string | readonly ChatPart[]>;
  readonly refusal?: Maybe<string>;
  readonly name?: Maybe<string>;
}

type ResponseFormat =
  | { readonly type: 'text' | 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly json_schema: { readonly name: string; readonly schema: object };
    };

/** The body of `POST /v1/chat/completions`, checked. Fields that are not here change nothing. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream?: Maybe<boolean>;
  readonly stream_options?: Maybe<{ readonly include_usage?: Maybe<boolean> }>;
  readonly store?: Maybe<boolean>;
  readonly stop?: Maybe<string | readonly string[]>;
  readonly seed?: Maybe<number>;
  readonly temperature?: Maybe<number>;
  readonly top_p?: Maybe<number>;
  readonly max_tokens?: Maybe<number>;
  readonly max_completion_tokens?: Maybe<number>;
  readonly response_format?: Maybe<ResponseFormat>;
  readonly frequency_penalty?: Maybe<number>;
  readonly presence_penalty?: Maybe<number>;
  readonly logit_bias?: Maybe<Readonly<Record<string, number>>>;
  readonly metadata?: Maybe<Readonly<Record<string, string>>>;
  readonly user?: Maybe<string>;
  readonly safety_identifier?: Maybe<string>;
}

/**
 * The turn a Chat Completions request asks for.
 * @param languages what the client reads, best first; '' = not said
 * @throws ParleyError `invalid_request` for a message without content
 */
export function startTurnFromChat(request: ChatRequest, languages = ''): StartTurn {
  return {
    model: request.model,
    input: request.messages.map(messageOf),
    instructions: '',
    previousTurnId: '',
    store: request.store ?? false,
    sampling: {
      temperature: request.temperature ?? undefined,
      topP: request.top_p ?? undefined,
      frequencyPenalty: request.frequency_penalty ?? undefined,
      presencePenalty: request.presence_penalty ?? undefined,
      seed: request.seed ?? undefined,
      logitBias: logitBiasOf(request.logit_bias),
    },
    format: formatOf(request.response_format),
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? 0,
    stop: stopOf(request.stop),
    metadata: request.metadata ?? {},
    endUser: request.safety_identifier ?? request.user ?? '',
    languages,
    deltas: request.stream ?? false,
  };
}

function messageOf(message: ChatMessage, index: number): Message {
  const param = `messages[${index}].content`;
  const content = message.content ?? message.refusal;
  if (content === null || content === undefined) {
    throw new ParleyError(
      'invalid_request',
      `\`${param}\` is missing: send a string or an array of text parts.`,
      { param },
    );
  }
  const parts =
    typeof content === 'string'
      ? [content]
      : content.map((part) => (part.type === 'text' ? part.text : part.refusal));
  return {
    id: '',
    role: message.role,
    texts: parts.map((text) => text.toWellFormed()),
    status: 'completed',
    name: message.name ?? '',
  };
}

function formatOf(format: Maybe<ResponseFormat>): OutputFormat {
  if (format === null || format === undefined) return { kind: 'text' };
  if (format.type !== 'json_schema') return { kind: format.type };
  return {
    kind: 'json_schema',
    name: format.json_schema.name,
    schema: JSON.stringify(format.json_schema.schema),
  };
}

function stopOf(stop: Maybe<string | readonly string[]>): readonly string[] {
  if (stop === null || stop === undefined) return [];
  return typeof stop === 'string' ? [stop] : stop;
}

function logitBiasOf(bias: Maybe<Readonly<Record<string, number>>>): Record<number, number> {
  return Object.fromEntries(Object.entries(bias ?? {}).map(([token, value]) => [Number(token), value]));
}
