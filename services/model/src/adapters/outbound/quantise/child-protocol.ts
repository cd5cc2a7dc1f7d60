import type { ErrorCode } from '@parley/kernel';
import type { ChatMessage } from '../../../ports/engine.ts';

/** From a child at work to the service. `result` or `failed` is the last. */
export type ChildMessage =
  | { readonly type: 'share'; readonly share: number }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };

/** What the child that writes weights is to do. */
export interface WriteOrder {
  readonly source: string;
  /** Absolute path of the file that it writes; a plan writes none. */
  readonly target: string;
  readonly format: string;
  readonly requantize: boolean;
  /** Only works out what it would come to. */
  readonly planOnly: boolean;
}

/** What came of it. */
export interface WriteOutcome {
  /** Of the result's tensors, and of the source's; 0 = it did not say. */
  readonly bytes: number;
  readonly sourceBytes: number;
  /** Formats of the source's matrices, the most frequent first. */
  readonly formats: readonly string[];
  /** Why nothing came of it. */
  readonly fault?: string;
}

/** What the child that reads texts is to do. */
export interface ReadOrder {
  readonly name: string;
  readonly path: string;
  /** In place of the file's own. */
  readonly template?: string;
  readonly systemRole: boolean;
  /** Tokens that are read as one text at most. */
  readonly windowTokens: number;
  readonly passages: readonly PassageMessage[];
}

/** A text, or a conversation of whose answer the tokens count. */
export type PassageMessage =
  | { readonly text: string }
  | { readonly messages: readonly ChatMessage[]; readonly answer: string };
