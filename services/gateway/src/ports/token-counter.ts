import type { Item, Tools } from '../domain/turn.ts';
import type { Call } from './call.ts';

/** What a model would read. */
export interface CountedInput {
  readonly items: readonly Item[];
  readonly tools: Tools | undefined;
}

/** Counts tokens as a model's own tokenizer does. */
export interface TokenCounter {
  /**
   * Tokens of items as the model's template puts them into a prompt; 0 for none.
   * @param model alias, name or digest; '' = the default alias
   * @throws ParleyError `model_not_found`, `model_not_ready`, `unavailable`
   */
  count(model: string, input: CountedInput, call: Call): Promise<number>;
}
