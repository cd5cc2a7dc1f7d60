import type { OpenAI } from 'openai';
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { sleep } from '@parley/kernel';
import { hasExpired, mayGoOn } from './api-failure.ts';

/** What is asked of the model. */
export interface Question {
  readonly model: string;
  readonly text: string;
  /** The response this one follows; undefined begins a conversation. */
  readonly previousId: string | undefined;
}

/** What happens while an answer comes. */
export type AnswerPart =
  | { readonly type: 'begun'; readonly id: string; readonly model: string }
  | { readonly type: 'text'; readonly text: string }
  /** The connection broke and the answer is read on from where it stopped. */
  | { readonly type: 'reattaching' }
  | { readonly type: 'reattached' }
  | { readonly type: 'ended'; readonly response: Response; readonly text: string };

const ends = ['response.completed', 'response.incomplete', 'response.failed'] as const;
type EndType = (typeof ends)[number];

/** For how long a lost stream is looked for. */
const reattachLimitMs = 30_000;
const reattachEveryMs = 500;

/** One answer, read from its stored turn: it goes on over lost connections, from the very event where it stopped. */
export class Answer {
  readonly #client: OpenAI;
  readonly #signal: AbortSignal;
  #id: string | undefined;
  #lastSequence: number | undefined;
  #text = '';
  #ended = false;

  /** @param signal leaves the answer; its turn goes on. */
  constructor(client: OpenAI, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** @throws what the client throws, when the question is refused or the stream is not found again within 30 s. */
  async *read(question: Question): AsyncGenerator<AnswerPart> {
    let brokenAt: number | undefined;
    for (;;) {
      try {
        for await (const event of await this.#open(question)) {
          if (brokenAt !== undefined) yield { type: 'reattached' };
          brokenAt = undefined;
          const part = this.#partOf(event);
          if (part !== undefined) yield part;
          if (this.#ended) return;
        }
      } catch (error) {
        if (this.#id !== undefined && hasExpired(error)) return yield* this.#finished(this.#id);
        if (this.#id === undefined || this.#signal.aborted || !mayGoOn(error)) throw error;
        if (brokenAt !== undefined && performance.now() - brokenAt > reattachLimitMs) throw error;
      }
      if (brokenAt === undefined) yield { type: 'reattaching' };
      brokenAt ??= performance.now();
      await sleep(reattachEveryMs, this.#signal);
    }
  }

  #open({ model, text, previousId }: Question): Promise<AsyncIterable<ResponseStreamEvent>> {
    const options = { signal: this.#signal };
    if (this.#id !== undefined) {
      const after = this.#lastSequence === undefined ? {} : { starting_after: this.#lastSequence };
      return this.#client.responses.retrieve(this.#id, { stream: true, ...after }, options);
    }
    const previous = previousId === undefined ? {} : { previous_response_id: previousId };
    return this.#client.responses.create(
      { model, input: text, stream: true, store: true, ...previous },
      options,
    );
  }

  #partOf(event: ResponseStreamEvent): AnswerPart | undefined {
    if (event.type === 'error') throw new Error(event.message);
    this.#lastSequence = event.sequence_number;
    if (event.type === 'response.created') {
      this.#id = event.response.id;
      return { type: 'begun', id: event.response.id, model: event.response.model };
    }
    if (event.type === 'response.output_text.delta') {
      this.#text += event.delta;
      return { type: 'text', text: event.delta };
    }
    if (!isEnd(event)) return undefined;
    this.#ended = true;
    return { type: 'ended', response: event.response, text: this.#text };
  }

  async *#finished(id: string): AsyncGenerator<AnswerPart> {
    const response = await this.#client.responses.retrieve(id, {}, { signal: this.#signal });
    const rest = response.output_text.slice(this.#text.length);
    if (rest !== '') yield { type: 'text', text: rest };
    yield { type: 'ended', response, text: response.output_text };
  }
}

function isEnd(event: ResponseStreamEvent): event is Extract<ResponseStreamEvent, { type: EndType }> {
  return ends.some((type) => type === event.type);
}
