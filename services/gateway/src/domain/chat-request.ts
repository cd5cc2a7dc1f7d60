import { ParleyError } from '@parley/kernel';
import { toolsOf } from './tools-request.ts';
import type { RequestedFunction } from './tools-request.ts';
import type { FunctionCall, Item, OutputFormat, Speaker, StartTurn } from './turn.ts';

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
  /** Of an assistant only. */
  readonly tool_calls?: Maybe<readonly ChatToolCall[]>;
  /** Of a tool only. */
  readonly tool_call_id?: Maybe<string>;
}

interface ChatToolCall {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

type ChatToolChoice = 'none' | 'auto' | 'required' | { readonly function: { readonly name: string } };

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
  readonly tools?: Maybe<readonly { readonly function: RequestedFunction }[]>;
  readonly tool_choice?: Maybe<ChatToolChoice>;
  readonly parallel_tool_calls?: Maybe<boolean>;
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
 * @throws ParleyError `invalid_request` for a message without content, and for calls and results in the wrong place
 */
export function startTurnFromChat(request: ChatRequest, languages = ''): StartTurn {
  return {
    model: request.model,
    input: request.messages.flatMap(itemsOf),
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
    tools: toolsOf({
      functions: (request.tools ?? []).map((tool) => tool.function),
      choice: choiceOf(request.tool_choice),
      parallel: request.parallel_tool_calls,
    }),
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? 0,
    stop: stopOf(request.stop),
    metadata: request.metadata ?? {},
    endUser: request.safety_identifier ?? request.user ?? '',
    languages,
    deltas: request.stream ?? false,
  };
}

function choiceOf(choice: Maybe<ChatToolChoice>): Maybe<'none' | 'auto' | 'required' | { name: string }> {
  return typeof choice === 'object' && choice !== null ? choice.function : choice;
}

/** A message with calls is an item for its words, if it has some, and one for each call. */
function itemsOf(message: ChatMessage, index: number): readonly Item[] {
  const place = `messages[${index}]`;
  const calls = (message.tool_calls ?? []).map(callOf);
  if (calls.length > 0 && message.role !== 'assistant') {
    throw invalid(`${place}.tool_calls`, 'belongs to messages of the assistant');
  }
  const content = message.content ?? message.refusal;
  if (content === null || content === undefined) {
    if (calls.length > 0) return calls;
    throw invalid(`${place}.content`, 'is missing: send a string or an array of text parts');
  }
  if (message.role === 'tool') {
    const callId = message.tool_call_id ?? '';
    if (callId === '')
      throw invalid(`${place}.tool_call_id`, 'is missing: name the call whose result this is');
    return [{ type: 'function_output', id: '', callId, output: textsOf(content).join('') }];
  }
  if (content === '' && calls.length > 0) return calls;
  const { role, name } = message;
  const said = {
    type: 'message',
    id: '',
    role,
    texts: textsOf(content),
    status: 'completed',
    name: name ?? '',
  } as const;
  return [said, ...calls];
}

function callOf({ id, function: called }: ChatToolCall): FunctionCall {
  const { name, arguments: written } = called;
  return {
    type: 'function_call',
    id: '',
    callId: id,
    name,
    arguments: written.toWellFormed(),
    status: 'completed',
  };
}

function textsOf(content: string | readonly ChatPart[]): readonly string[] {
  const parts =
    typeof content === 'string'
      ? [content]
      : content.map((part) => (part.type === 'text' ? part.text : part.refusal));
  return parts.map((text) => text.toWellFormed());
}

function invalid(param: string, what: string): ParleyError {
  return new ParleyError('invalid_request', `\`${param}\` ${what}.`, { param });
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
