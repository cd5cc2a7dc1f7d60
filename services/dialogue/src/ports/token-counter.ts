import type { TemplateOverhead } from '../domain/strategy/conversation-tokens.ts';
import type { CallScope } from './model-client.ts';

/** Counts with the tokenizer and the template of a model, named by its digest; what was counted once is remembered. */
export interface TokenCounter {
  /** One count per text, in order. @throws ParleyError as the model client does. */
  texts(digest: string, texts: readonly string[], scope: CallScope): Promise<readonly number[]>;
  /** @throws ParleyError as the model client does. */
  overhead(digest: string, scope: CallScope): Promise<TemplateOverhead>;
}
