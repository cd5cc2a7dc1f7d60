import { ParleyError, toParleyError } from '@parley/kernel';
import type { ChatMessage, CountRequest, CountResult, RequestTools } from '../../../ports/engine.ts';
import { countIn } from './chat-events.ts';
import { remoteMessages, remoteTools, responseItems } from './remote-messages.ts';
import type { RequestForm } from './request-form.ts';
import { isRecord } from './remote-faults.ts';
import type { RemoteClient } from './remote-client.ts';
import { estimateMessages, estimateText, estimateTools } from './token-estimate.ts';

/** Texts that are counted at once. */
const parallel = 4;
const timeoutMs = 10_000;
/** A token's number and a comma, for a prompt of a million tokens. */
const maxBytes = 16 * 1024 * 1024;

/** Counts tokens where the server can, else estimates them. */
export class TokenCounter {
  readonly #client: RemoteClient;
  readonly #form: RequestForm;
  readonly #onEstimate: (why: string) => void;
  /** Set when the server turned out to have no counter. */
  #estimates: boolean;

  /** @param onEstimate told once that counts are estimates */
  constructor(client: RemoteClient, form: RequestForm, onEstimate: (why: string) => void) {
    this.#client = client;
    this.#form = form;
    this.#onEstimate = onEstimate;
    this.#estimates = form.dialect.counting === 'estimate';
  }

  /** Whether counts are the server's own. */
  get exact(): boolean {
    return !this.#estimates;
  }

  /** @throws ParleyError what keeps a server that counts from counting. */
  async count({ messages, tools, texts }: CountRequest, signal: AbortSignal): Promise<CountResult> {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      if (!this.#estimates) {
        const messageTokens = messages.length === 0 ? 0 : await this.#messages(messages, tools, timed);
        return { messageTokens, textTokens: await this.#texts(texts, timed) };
      }
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (error.details['uncountable'] !== true) throw error;
      this.#estimates = true;
    }
    this.#onEstimate(`${this.#client.title} does not count tokens for others: counts are estimates.`);
    const messageTokens = estimateMessages(messages) + estimateTools(tools);
    return { messageTokens, textTokens: texts.map(estimateText) };
  }

  async #texts(texts: readonly string[], signal: AbortSignal): Promise<number[]> {
    const counts: number[] = [];
    for (let start = 0; start < texts.length; start += parallel) {
      const some = texts.slice(start, start + parallel);
      counts.push(...(await Promise.all(some.map((text) => this.#text(text, signal)))));
    }
    return counts;
  }

  async #messages(
    messages: readonly ChatMessage[],
    tools: RequestTools | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    const { settings, dialect } = this.#form;
    const { model } = settings;
    const read = remoteMessages(messages, this.#form);
    const told = tools === undefined ? {} : { tools: remoteTools(tools.functions) };
    switch (dialect.counting) {
      case 'llama-server': {
        const body = await this.#ask('/apply-template', { messages: read, ...told }, signal);
        const content = isRecord(body) ? body['prompt'] : undefined;
        return this.#tokens({ content, add_special: true, parse_special: true }, signal);
      }
      case 'parley':
        return this.#inputTokens(messages, signal);
      case 'vllm':
      case 'estimate':
        return this.#tokens({ model, messages: read, ...told, add_generation_prompt: true }, signal);
    }
  }

  async #text(text: string, signal: AbortSignal): Promise<number> {
    const { settings, dialect } = this.#form;
    if (text === '') return 0;
    switch (dialect.counting) {
      case 'llama-server':
        return this.#tokens({ content: text, add_special: false, parse_special: false }, signal);
      case 'parley': {
        // It counts conversations only: what the message around the text takes is taken off again.
        const [whole, around] = await Promise.all(
          [text, 'a'].map((content) => this.#inputTokens([{ role: 'user', content }], signal)),
        );
        return Math.max(1, (whole ?? 0) - (around ?? 0) + 1);
      }
      case 'vllm':
      case 'estimate':
        return this.#tokens({ model: settings.model, prompt: text, add_special_tokens: false }, signal);
    }
  }

  async #tokens(question: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<number> {
    const body = await this.#ask('/tokenize', question, signal);
    const { count, tokens } = isRecord(body) ? body : {};
    return this.#number(count ?? (Array.isArray(tokens) ? tokens.length : undefined));
  }

  async #inputTokens(messages: readonly ChatMessage[], signal: AbortSignal): Promise<number> {
    const { model } = this.#form.settings;
    const question = { model, input: messages.flatMap(responseItems) };
    const body = await this.#ask('/responses/input_tokens', question, signal, 'base');
    return this.#number(isRecord(body) ? body['input_tokens'] : undefined);
  }

  #number(value: unknown): number {
    const count = countIn(value);
    if (count !== undefined) return count;
    throw new ParleyError(
      'engine_failed',
      `${this.#client.title} answered a question for tokens without a count.`,
    );
  }

  async #ask(
    path: string,
    body: unknown,
    signal: AbortSignal,
    under: 'base' | 'root' = 'root',
  ): Promise<unknown> {
    const response = await this.#client.send({ method: 'POST', path, under, body, signal });
    if ([404, 405, 501].includes(response.statusCode ?? 0)) {
      response.destroy();
      throw new ParleyError('unsupported', `${this.#client.title} does not count tokens.`, {
        details: { uncountable: true },
      });
    }
    await this.#client.requireGood(response);
    return this.#client.json(response, maxBytes);
  }
}
