import type { Item, ModelRef } from '../turn/turn.ts';
import type { ConversationTokens } from './conversation-tokens.ts';

/** What JSON can say; the form in which a strategy's state is stored. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * What a strategy keeps between the turns of one conversation. It is stored with each turn's document, so a turn that
 * follows another goes on from that one's state, and branches keep states of their own.
 */
export interface StrategyState {
  readonly strategy: string;
  readonly version: string;
  readonly digest: string;
  readonly data: JsonValue;
}

/** The points of the pipeline at which a strategy may take part. */
export type Hook = 'input.received' | 'context.build' | 'output.deliver';

/** One strategy at one hook; never with text of the conversation. */
export interface StrategyStep {
  readonly hook: Hook;
  readonly strategy: string;
  readonly version: string;
  /** One short word of the strategy's own. */
  readonly outcome: string;
  readonly durationMs: number;
}

/** A conversation at the start of a turn. */
export interface Conversation {
  /** What was said in the turns before, oldest first. */
  readonly before: readonly Item[];
  /** What is new; of a stateless call the whole conversation. */
  readonly input: readonly Item[];
  /** The locales to answer in, best first. */
  readonly locales: readonly string[];
}

/** Name and version of a document. */
export interface DocumentRef {
  readonly name: string;
  readonly version: string;
}

/** What a strategy made of the input. */
export interface InputOutcome {
  /** Undefined: it had nothing to do with this input. */
  readonly outcome: string | undefined;
  /** The document that took part, where a strategy has several. */
  readonly by?: DocumentRef | undefined;
  /** Undefined: nothing to keep. */
  readonly state?: JsonValue | undefined;
  /** Given: this is the turn's answer, and no model is asked. */
  readonly answer?: string | undefined;
  /** Given: said after the model's answer, at `output.deliver`. */
  readonly afterwards?: string | undefined;
}

/** What the model is going to read. */
export interface PromptContext {
  /** The system's message; '' = none. */
  readonly instructions: string;
  readonly items: readonly Item[];
}

/** What there is to build a prompt from. */
export interface ContextRequest {
  /** As the strategies before this one left it. */
  readonly context: PromptContext;
  readonly conversation: Conversation;
  /** As `input.received` of this turn left it. */
  readonly state: JsonValue | undefined;
  /** Context tokens: 0 = not known. */
  readonly model: ModelRef & { readonly contextTokens: number };
  /** Tokens that the answer may take; 0 = not said. */
  readonly maxOutputTokens: number;
  /** The functions that the model is told of, as text that takes about as many tokens; '' = none. */
  readonly functions: string;
  readonly tokens: ConversationTokens;
}

/** The prompt as a strategy wants it. */
export interface ContextOutcome extends PromptContext {
  readonly outcome: string;
}

/** Part of how an assistant converses, made of a document. It takes part at the hooks that it has a method for. */
export interface Strategy {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /**
   * Hook `input.received`: before the turn is committed; nothing but a function of what it is given.
   * @param state what it kept after the turn before; undefined: there is none, and the whole conversation is new to it.
   */
  received?(conversation: Conversation, state: JsonValue | undefined): InputOutcome | Promise<InputOutcome>;
  /** Hook `context.build`: once per turn, before the model is asked. */
  build?(request: ContextRequest): Promise<ContextOutcome>;
}
