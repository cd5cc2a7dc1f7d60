import type { ErrorCode, ParleyError } from '@parley/kernel';

export type TurnStatus = 'in_progress' | 'completed' | 'failed' | 'cancelled' | 'incomplete';
export type EndedStatus = Exclude<TurnStatus, 'in_progress'>;
export type IncompleteReason = 'max_output_tokens' | 'deadline' | 'owner_lost' | 'model_lost';
/** `tool_calls`: the model waits for the results of functions that it asked for. */
export type FinishReason = 'stop' | 'length' | 'deadline' | 'cancelled' | 'tool_calls';
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';
export type Speaker = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** Content as text; a new kind of content is a new member of this union. */
interface TextPart {
  readonly type: 'text';
  readonly text: string;
}
export type ContentPart = TextPart;

interface AnyItem {
  readonly id: string;
  readonly content: readonly ContentPart[];
  readonly status: ItemStatus;
  /** The participant's name; '' when there is none. */
  readonly name: string;
}

interface MessageItem extends AnyItem {
  readonly type: 'message';
  readonly role: Speaker;
}

/** A function that the model asked its client to run; its content is empty. */
export interface FunctionCallItem extends AnyItem {
  readonly type: 'function_call';
  readonly role: 'assistant';
  /** Tells it from the other calls of a conversation. */
  readonly callId: string;
  /** The function's. */
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

/** What the client's function gave; it is the content. */
interface FunctionOutputItem extends AnyItem {
  readonly type: 'function_output';
  readonly role: 'tool';
  readonly callId: string;
}

/** One thing said in a conversation. */
export type Item = MessageItem | FunctionCallItem | FunctionOutputItem;

/** A function that the caller can run. */
interface FunctionTool {
  readonly name: string;
  readonly description: string;
  /** A JSON Schema of the arguments, as JSON text; '' = it takes none. */
  readonly parameters: string;
}

/** The functions that a model may ask for. */
export interface Tools {
  /** At least one. */
  readonly functions: readonly FunctionTool[];
  readonly choice: 'auto' | 'none' | 'required' | 'function';
  /** With the choice `function`: its name; else ''. */
  readonly chosen: string;
  /** One call at most in one answer. */
  readonly single: boolean;
}

/** What was not set is left to the model's call profile. */
export interface Sampling {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly minP?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly repeatPenalty?: number | undefined;
  readonly seed?: number | undefined;
  /** Token id -> bias added to its logit. */
  readonly logitBias: Readonly<Record<string, number>>;
}

export type OutputFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | { readonly type: 'json_schema'; readonly name: string; readonly schema: string }
  /** GBNF text. */
  | { readonly type: 'grammar'; readonly grammar: string };

export interface ModelRef {
  readonly name: string;
  readonly digest: string;
}

/** Name and version of the assistant that a turn is answered by. */
export interface AssistantRef {
  readonly name: string;
  readonly version: string;
}

export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

interface Timings {
  readonly queueMs: number;
  /** From acceptance to the first token; 0 when there was none. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

/** What went wrong, as the turn keeps it. */
export interface TurnError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param?: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
}

/** One question and its answer. */
export interface Turn {
  readonly id: string;
  readonly status: TurnStatus;
  readonly createdAtMs: number;
  readonly endedAtMs?: number | undefined;
  readonly model: ModelRef;
  /** Undefined when none was asked for. */
  readonly assistant?: AssistantRef | undefined;
  readonly input: readonly Item[];
  readonly output: readonly Item[];
  readonly instructions: string;
  readonly previousTurnId: string;
  readonly store: boolean;
  readonly sampling: Sampling;
  readonly format: OutputFormat;
  /** Undefined: none. */
  readonly tools?: Tools | undefined;
  /** 0 = what the context leaves. */
  readonly maxOutputTokens: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly usage?: Usage | undefined;
  readonly timings?: Timings | undefined;
  readonly finishReason?: FinishReason | undefined;
  readonly incompleteReason?: IncompleteReason | undefined;
  readonly error?: TurnError | undefined;
  /** The state store's name of the Idempotency-Key that it was made under; undefined without one. */
  readonly claim?: string | undefined;
}

/** The turn as it was before its end. */
export function inProgress(turn: Turn): Turn {
  return {
    id: turn.id,
    status: 'in_progress',
    createdAtMs: turn.createdAtMs,
    model: turn.model,
    assistant: turn.assistant,
    input: turn.input,
    output: [],
    instructions: turn.instructions,
    previousTurnId: turn.previousTurnId,
    store: turn.store,
    sampling: turn.sampling,
    format: turn.format,
    tools: turn.tools,
    maxOutputTokens: turn.maxOutputTokens,
    metadata: turn.metadata,
    claim: turn.claim,
  };
}

/** The part of an error that a turn keeps; causes and details stay in the log. */
export function turnError(error: ParleyError): TurnError {
  return {
    code: error.code,
    message: error.message,
    param: error.param,
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
  };
}

/** What an item has a model read: the text of its parts, and a call's name and arguments. */
export function readText(item: Item): string {
  return item.type === 'function_call' ? `${item.name} ${item.arguments}` : textOf(item);
}

/** The text of all parts of an item. */
export function textOf(item: Item): string {
  return item.content.map((part) => part.text).join('');
}
