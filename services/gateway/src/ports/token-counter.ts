import type { Message } from '../domain/turn.ts';
import type { Call } from './call.ts';

/** Counts tokens as a model's own tokenizer does. */
export interface TokenCounter {
  /**
   * Tokens of messages as the model's template puts them into a prompt; 0 for none.
   * @param model alias, name or digest; '' = the default alias
   * @throws ParleyError `model_not_found`, `model_not_ready`, `unavailable`
   */
  count(model: string, messages: readonly Message[], call: Call): Promise<number>;
}
