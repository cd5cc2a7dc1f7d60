/** Who says a message. */
export type Speaker = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** One message of a conversation; `id` is '' until dialogue has given one. */
export interface Message {
  readonly type: 'message';
  readonly id: string;
  readonly role: Speaker;
  readonly texts: readonly string[];
  readonly status: ItemStatus;
  /** An optional participant name; '' when there is none. */
  readonly name: string;
}

/** A function that the model asks its client to run. */
export interface FunctionCall {
  readonly type: 'function_call';
  readonly id: string;
  /** Tells it from the other calls of a conversation; its result names it. */
  readonly callId: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
  readonly status: ItemStatus;
}

/** The result of such a function. */
interface FunctionOutput {
  readonly type: 'function_output';
  readonly id: string;
  readonly callId: string;
  readonly output: string;
}

/** One thing said in a conversation. */
export type Item = Message | FunctionCall | FunctionOutput;

/** The functions that a model may ask for. */
export interface Tools {
  /** At least one. */
  readonly functions: readonly {
    readonly name: string;
    readonly description: string;
    /** A JSON Schema of the arguments, as JSON text; '' = it takes none. */
    readonly parameters: string;
  }[];
  readonly choice: 'auto' | 'none' | 'required' | 'function';
  /** With the choice `function`: its name; else ''. */
  readonly chosen: string;
  /** One call at most in one answer. */
  readonly single: boolean;
}

/** What is not set is left to the model's call profile. */
export interface Sampling {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly seed?: number | undefined;
  /** Token id -> bias, -100 to 100. */
  readonly logitBias: Readonly<Record<number, number>>;
}

/** The form the answer must have; `schema` is a JSON Schema as JSON text. */
export type OutputFormat =
  | { readonly kind: 'text' }
  | { readonly kind: 'json_object' }
  | { readonly kind: 'json_schema'; readonly name: string; readonly schema: string }
  /** GBNF text. */
  | { readonly kind: 'grammar'; readonly grammar: string };

/** The command that starts a turn, as every public protocol is translated to it. */
export interface StartTurn {
  /** Alias, model name or `assistant:<name>`; '' = the default alias. */
  readonly model: string;
  readonly input: readonly Item[];
  readonly instructions: string;
  readonly previousTurnId: string;
  readonly store: boolean;
  readonly sampling: Sampling;
  readonly format: OutputFormat;
  /** Undefined: none. */
  readonly tools?: Tools | undefined;
  /** 0 = what the context leaves. */
  readonly maxOutputTokens: number;
  readonly stop: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly endUser: string;
  /** What the person reads, best first, as in Accept-Language; '' = not said. */
  readonly languages: string;
  /** What its client gives it, if less than the gateway's own limit; undefined: that limit. */
  readonly timeoutMs?: number | undefined;
  /** Whether the caller reads deltas; false lets dialogue send structure and result only. */
  readonly deltas: boolean;
}

export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

export type TurnStatus = 'in_progress' | 'completed' | 'failed' | 'cancelled' | 'incomplete';
export type IncompleteReason = 'max_output_tokens' | 'deadline' | 'owner_lost' | 'model_lost';

/** Why a turn failed, with a code of the closed list (unchecked: it comes from another process). */
export interface TurnError {
  readonly code: string;
  readonly message: string;
  readonly param: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number;
}

/** A turn as dialogue tells it. */
export interface Turn {
  readonly id: string;
  readonly status: TurnStatus;
  readonly createdAtMs: number;
  readonly endedAtMs: number | undefined;
  /** The resolved model, never an alias; undefined until it is known. */
  readonly model: { readonly name: string; readonly digest: string } | undefined;
  readonly input: readonly Item[];
  readonly output: readonly Item[];
  readonly instructions: string;
  readonly previousTurnId: string;
  readonly store: boolean;
  readonly sampling: Sampling;
  readonly format: OutputFormat;
  readonly tools?: Tools | undefined;
  readonly maxOutputTokens: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly usage: Usage | undefined;
  readonly incompleteReason: IncompleteReason | undefined;
  readonly error: TurnError | undefined;
  /** The assistant that answers, at the version it had then; undefined when a model was asked for. */
  readonly assistant: { readonly name: string; readonly version: string } | undefined;
  /** An Idempotency-Key made it: the same request gets this turn's outcome again, whatever it is. */
  readonly keyed: boolean;
}

/** An item of the answer. */
export interface ItemPlace {
  readonly outputIndex: number;
  readonly itemId: string;
}

/** Where in the answer a piece of text belongs. */
export interface TextPlace extends ItemPlace {
  readonly contentIndex: number;
}

/** One entry of a turn's log; its number is given by dialogue and never changed here. */
export type LogEntry = { readonly sequence: number } & (
  | { readonly kind: 'turn_created' | 'turn_started' | 'turn_ended'; readonly turn: Turn }
  | { readonly kind: 'item_added' | 'item_done'; readonly outputIndex: number; readonly item: Item }
  | ({ readonly kind: 'part_added' } & TextPlace)
  | ({ readonly kind: 'text_delta' | 'text_done' | 'part_done'; readonly text: string } & TextPlace)
  /** Of a function call. */
  | ({ readonly kind: 'arguments_delta'; readonly text: string } & ItemPlace)
  | ({ readonly kind: 'arguments_done'; readonly name: string; readonly text: string } & ItemPlace)
);

/** The answer's text, all its parts joined. */
export function answerText(turn: Turn): string {
  return turn.output.flatMap((item) => (item.type === 'message' ? item.texts : [])).join('');
}

/** The functions that the answer asks for. */
export function answerCalls(turn: Turn): readonly FunctionCall[] {
  return turn.output.filter((item) => item.type === 'function_call');
}

/** Whether an entry gives its client something of the answer itself. */
export function isOfAnswer(entry: LogEntry): boolean {
  return entry.kind === 'text_delta' || (entry.kind === 'item_added' && entry.item.type === 'function_call');
}

/** The first 12 hex digits of the weights' digest: what answers carry as `system_fingerprint`. */
export function systemFingerprint(turn: Turn): string | undefined {
  return turn.model?.digest.slice(0, 12);
}
