/** Who says a message. */
export type Speaker = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** One message of a conversation; `id` is '' until dialogue has given one. */
export interface Message {
  readonly id: string;
  readonly role: Speaker;
  readonly texts: readonly string[];
  readonly status: ItemStatus;
  /** An optional participant name; '' when there is none. */
  readonly name: string;
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
  | { readonly kind: 'json_schema'; readonly name: string; readonly schema: string };

/** The command that starts a turn, as every public protocol is translated to it. */
export interface StartTurn {
  /** Alias, model name or `assistant:<name>`; '' = the default alias. */
  readonly model: string;
  readonly input: readonly Message[];
  readonly instructions: string;
  readonly previousTurnId: string;
  readonly store: boolean;
  readonly sampling: Sampling;
  readonly format: OutputFormat;
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
  readonly input: readonly Message[];
  readonly output: readonly Message[];
  readonly instructions: string;
  readonly previousTurnId: string;
  readonly store: boolean;
  readonly sampling: Sampling;
  readonly format: OutputFormat;
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

/** Where in the answer a piece of text belongs. */
export interface TextPlace {
  readonly outputIndex: number;
  readonly itemId: string;
  readonly contentIndex: number;
}

/** One entry of a turn's log; its number is given by dialogue and never changed here. */
export type LogEntry = { readonly sequence: number } & (
  | { readonly kind: 'turn_created' | 'turn_started' | 'turn_ended'; readonly turn: Turn }
  | { readonly kind: 'item_added' | 'item_done'; readonly outputIndex: number; readonly item: Message }
  | ({ readonly kind: 'part_added' } & TextPlace)
  | ({ readonly kind: 'text_delta' | 'text_done' | 'part_done'; readonly text: string } & TextPlace)
);

/** The answer's text, all its parts joined. */
export function answerText(turn: Turn): string {
  return turn.output.flatMap((message) => message.texts).join('');
}

/** The first 12 hex digits of the weights' digest: what answers carry as `system_fingerprint`. */
export function systemFingerprint(turn: Turn): string | undefined {
  return turn.model?.digest.slice(0, 12);
}
