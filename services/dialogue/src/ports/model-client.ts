import type { Deadline, TenantContext } from '@parley/kernel';
import type { PromptCache } from '../domain/start/prompt-cache.ts';
import type {
  ContentPart,
  FinishReason,
  ModelRef,
  OutputFormat,
  Sampling,
  Speaker,
  Tools,
  Usage,
} from '../domain/turn/turn.ts';

/** On whose behalf and until when a call is made; aborting `signal` ends the call. */
export interface CallScope {
  readonly tenant: TenantContext;
  readonly traceparent?: string | undefined;
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
}

/** The model that would answer now. */
export interface ResolvedModel {
  readonly model: ModelRef;
  /** Tokens of prompt and answer together; 0 = not known. */
  readonly contextTokens: number;
  readonly abilities: { readonly grammar: boolean; readonly logitBias: boolean; readonly tools: boolean };
}

/** One message as the model reads it. */
export interface PromptMessage {
  readonly role: Speaker;
  readonly content: readonly ContentPart[];
  readonly name: string;
  /** What an assistant asked for in this message. */
  readonly toolCalls?: readonly PromptCall[] | undefined;
  /** Of a tool: the call whose result this is. */
  readonly toolCallId?: string | undefined;
}

/** A call as the model wrote it. */
export interface PromptCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** What to count; both may be empty. */
export interface TokenQuestion {
  /** Rendered by the model's own template. */
  readonly messages: readonly PromptMessage[];
  /** Counted as they are. */
  readonly texts: readonly string[];
}

/** Tokens of a question's messages together, and of each of its texts. */
export interface TokenCounts {
  readonly messageTokens: number;
  readonly textTokens: readonly number[];
}

/** One answer to generate. */
export interface Prompt {
  readonly turnId: string;
  /** The digest that `resolve` answered. */
  readonly digest: string;
  readonly messages: readonly PromptMessage[];
  readonly sampling: Sampling;
  readonly format: OutputFormat;
  readonly tools?: Tools | undefined;
  /** 0 = what the context leaves. */
  readonly maxOutputTokens: number;
  readonly stop: readonly string[];
  /** Who may reuse what the prompt leaves in the model's memory. */
  readonly cache: PromptCache;
}

/** What a running generation says: `started`, then chunks, then `finished`. */
export type ModelUpdate =
  | { readonly type: 'started'; readonly inputTokens: number }
  | { readonly type: 'chunk'; readonly text: string; readonly tokens: number }
  /** A piece of a call: they come one after another, and only the first piece of one has an id and a name. */
  | ({ readonly type: 'tool_call'; readonly index: number; readonly tokens: number } & PromptCall)
  | {
      readonly type: 'finished';
      readonly reason: FinishReason;
      readonly usage: Usage;
      readonly queueMs: number;
    };

/** The models of the fleet. */
export interface ModelClient {
  /**
   * Resolves an alias, name or digest; '' = the default.
   * @param needs `tools`: a model that calls no functions is refused
   * @throws ParleyError `unsupported`, `model_not_found`, `model_not_ready`, `unavailable`, `deadline_exceeded`, `cancelled`.
   */
  resolve(model: string, scope: CallScope, needs?: { readonly tools: boolean }): Promise<ResolvedModel>;
  /**
   * Generates one answer. Leaving the iteration or aborting the scope's signal stops the engine within one step.
   * @throws ParleyError while iterating: what the model refused or how the call broke.
   */
  generate(prompt: Prompt, scope: CallScope): AsyncIterable<ModelUpdate>;
  /**
   * Counts with the tokenizer of the model of that digest.
   * @throws ParleyError `model_not_found`, `model_not_ready`, `unavailable`, `deadline_exceeded`, `cancelled`.
   */
  countTokens(digest: string, question: TokenQuestion, scope: CallScope): Promise<TokenCounts>;
}
