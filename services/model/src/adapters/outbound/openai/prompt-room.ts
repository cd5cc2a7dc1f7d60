import { ParleyError } from '@parley/kernel';
import type { EngineRequest, ModelSpec } from '../../../ports/engine.ts';
import type { RequestForm } from './request-form.ts';
import { estimateMessages, estimateTools } from './token-estimate.ts';
import type { TokenCounter } from './token-counter.ts';

/** Sees to it that prompt and answer fit into the context that a model's document gives it. */
export class PromptRoom {
  readonly #spec: ModelSpec;
  readonly #form: RequestForm;
  readonly #counter: TokenCounter;

  constructor(spec: ModelSpec, form: RequestForm, counter: TokenCounter) {
    this.#spec = spec;
    this.#form = form;
    this.#counter = counter;
  }

  /**
   * The prompt's tokens, about: they are counted only where it may be too long. Where nobody can count, the server is
   * trusted to refuse what does not fit, unless it is known to cut instead.
   * @throws ParleyError `context_length_exceeded`
   */
  async require({ messages, tools, maxOutputTokens }: EngineRequest, signal: AbortSignal): Promise<number> {
    const wanted = Math.max(1, maxOutputTokens);
    const { contextTokens } = this.#spec;
    const about = estimateMessages(messages) + estimateTools(tools);
    if (about + wanted <= contextTokens) return about;
    const counted = this.#counter.exact;
    const { messageTokens } = counted
      ? await this.#counter.count({ messages, ...(tools === undefined ? {} : { tools }), texts: [] }, signal)
      : { messageTokens: about };
    const isSure =
      (counted && this.#counter.exact) || this.#form.dialect.cutsPrompts || wanted >= contextTokens;
    if (!isSure || messageTokens + wanted <= contextTokens) return messageTokens;
    const message =
      `The prompt has ${this.#counter.exact ? '' : 'about '}${messageTokens} tokens and asks for ${maxOutputTokens} more; ` +
      `model "${this.#spec.name}" holds ${contextTokens} tokens of prompt and answer together.`;
    throw new ParleyError('context_length_exceeded', message, { param: 'messages' });
  }
}
