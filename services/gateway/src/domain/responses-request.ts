import type { ItemStatus, Message, OutputFormat, Speaker, StartTurn } from './turn.ts';

type Maybe<T> = T | null | undefined;

/** A text part of an item of the Responses API. */
type ResponsePart =
  | { readonly type: 'input_text' | 'output_text' | 'text'; readonly text: string }
  | { readonly type: 'refusal'; readonly refusal: string };

interface ResponseInputMessage {
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
  readonly input: string | readonly ResponseInputMessage[];
  readonly instructions?: Maybe<string>;
  readonly previous_response_id?: Maybe<string>;
  readonly store?: Maybe<boolean>;
  readonly stream?: Maybe<boolean>;
  readonly temperature?: Maybe<number>;
  readonly top_p?: Maybe<number>;
  readonly max_output_tokens?: Maybe<number>;
  readonly text?: Maybe<{ readonly format?: Maybe<TextFormat> }>;
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
    input: inputMessages(request.input),
    instructions: (request.instructions ?? '').toWellFormed(),
    previousTurnId: request.previous_response_id ?? '',
    store: request.store ?? true,
    sampling: {
      temperature: request.temperature ?? undefined,
      topP: request.top_p ?? undefined,
      logitBias: {},
    },
    format: formatOf(request.text?.format),
    maxOutputTokens: request.max_output_tokens ?? 0,
    stop: [],
    metadata: request.metadata ?? {},
    endUser: request.safety_identifier ?? request.user ?? '',
    languages,
    deltas: request.stream ?? false,
  };
}

/** What is said in an `input`: a text is the user's. */
export function inputMessages(input: ResponsesRequest['input']): readonly Message[] {
  return typeof input === 'string' ? [said('user', input)] : input.map(messageOf);
}

function messageOf(item: ResponseInputMessage): Message {
  if (typeof item.content === 'string') return said(item.role, item.content);
  return said(item.role, ...item.content.map((part) => (part.type === 'refusal' ? part.refusal : part.text)));
}

/** A message that has no id yet. */
export function said(role: Speaker, ...texts: readonly string[]): Message {
  return { id: '', role, texts: texts.map((text) => text.toWellFormed()), status: 'completed', name: '' };
}

function formatOf(format: Maybe<TextFormat>): OutputFormat {
  if (format === null || format === undefined) return { kind: 'text' };
  if (format.type !== 'json_schema') return { kind: format.type };
  return { kind: 'json_schema', name: format.name, schema: JSON.stringify(format.schema) };
}
