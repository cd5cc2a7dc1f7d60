import { toolsOf } from './tools-request.ts';
import type { RequestedFunction } from './tools-request.ts';
import type { Item, ItemStatus, Message, OutputFormat, Speaker, StartTurn } from './turn.ts';

type Maybe<T> = T | null | undefined;

/** A text part of an item of the Responses API. */
type ResponsePart =
  | { readonly type: 'input_text' | 'output_text' | 'text'; readonly text: string }
  | { readonly type: 'refusal'; readonly refusal: string };

interface ResponseCall {
  readonly type: 'function_call';
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
}

interface ResponseCallOutput {
  readonly type: 'function_call_output';
  readonly call_id: string;
  readonly output: string | readonly { readonly text: string }[];
}

interface ResponseInputMessage {
  readonly type?: 'message' | undefined;
  readonly role: Exclude<Speaker, 'tool'>;
  readonly content: string | readonly ResponsePart[];
  readonly status?: Maybe<ItemStatus>;
}

type TextFormat =
  | { readonly type: 'text' | 'json_object' }
  | { readonly type: 'json_schema'; readonly name: string; readonly schema: object };

/** The body of `POST /v1/responses`, checked. Fields that are not here change nothing. */
export interface ResponsesRequest {
  readonly model?: Maybe<string>;
  readonly input: string | readonly (ResponseInputMessage | ResponseCall | ResponseCallOutput)[];
  readonly instructions?: Maybe<string>;
  readonly previous_response_id?: Maybe<string>;
  readonly store?: Maybe<boolean>;
  readonly stream?: Maybe<boolean>;
  readonly temperature?: Maybe<number>;
  readonly top_p?: Maybe<number>;
  readonly max_output_tokens?: Maybe<number>;
  readonly text?: Maybe<{ readonly format?: Maybe<TextFormat> }>;
  readonly tools?: Maybe<readonly RequestedFunction[]>;
  readonly tool_choice?: Maybe<'none' | 'auto' | 'required' | { readonly name: string }>;
  readonly parallel_tool_calls?: Maybe<boolean>;
  readonly metadata?: Maybe<Readonly<Record<string, string>>>;
  readonly user?: Maybe<string>;
  readonly safety_identifier?: Maybe<string>;
}

/**
 * The turn a Responses request asks for; stored unless it says otherwise.
 * @param languages what the client reads, best first; '' = not said
 */
export function startTurnFromResponses(request: ResponsesRequest, languages = ''): StartTurn {
  return {
    model: request.model ?? '',
    input: inputItems(request.input),
    instructions: (request.instructions ?? '').toWellFormed(),
    previousTurnId: request.previous_response_id ?? '',
    store: request.store ?? true,
    sampling: {
      temperature: request.temperature ?? undefined,
      topP: request.top_p ?? undefined,
      logitBias: {},
    },
    format: formatOf(request.text?.format),
    tools: requestedTools(request),
    maxOutputTokens: request.max_output_tokens ?? 0,
    stop: [],
    metadata: request.metadata ?? {},
    endUser: request.safety_identifier ?? request.user ?? '',
    languages,
    deltas: request.stream ?? false,
  };
}

/** What is said in an `input`: a text is the user's. */
export function inputItems(input: ResponsesRequest['input']): readonly Item[] {
  return typeof input === 'string' ? [said('user', input)] : input.map(itemOf);
}

/** The functions that such a request has the model know. @throws ParleyError `invalid_request` */
export function requestedTools(
  request: Pick<ResponsesRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'>,
): StartTurn['tools'] {
  const { tools, tool_choice: choice, parallel_tool_calls: parallel } = request;
  return toolsOf({ functions: tools ?? [], choice, parallel });
}

function itemOf(item: Exclude<ResponsesRequest['input'], string>[number]): Item {
  if (item.type === 'function_call') {
    const { call_id: callId, name, arguments: written } = item;
    const status = 'completed';
    return { type: 'function_call', id: '', callId, name, arguments: written.toWellFormed(), status };
  }
  if (item.type === 'function_call_output') {
    const text =
      typeof item.output === 'string' ? item.output : item.output.map((part) => part.text).join('');
    return { type: 'function_output', id: '', callId: item.call_id, output: text.toWellFormed() };
  }
  if (typeof item.content === 'string') return said(item.role, item.content);
  return said(item.role, ...item.content.map((part) => (part.type === 'refusal' ? part.refusal : part.text)));
}

/** A message that has no id yet. */
export function said(role: Speaker, ...texts: readonly string[]): Message {
  return {
    type: 'message',
    id: '',
    role,
    texts: texts.map((text) => text.toWellFormed()),
    status: 'completed',
    name: '',
  };
}

function formatOf(format: Maybe<TextFormat>): OutputFormat {
  if (format === null || format === undefined) return { kind: 'text' };
  if (format.type !== 'json_schema') return { kind: format.type };
  return { kind: 'json_schema', name: format.name, schema: JSON.stringify(format.schema) };
}
