import { OpenAI } from 'openai';
import type { Response } from 'openai/resources/responses/responses';
import type { FleetAccess } from '../api/fleet-access.ts';
import { Answer } from './answer.ts';
import { failureOf } from './api-failure.ts';
import type { ChatScreen } from './chat-screen.ts';

/** Ends or leaves an answer that is coming. */
export interface AnswerControl {
  /** Stops the answer: its turn is cancelled, and its end still comes. */
  readonly stop: AbortSignal;
  /** Leaves it at once; its turn goes on if it was not stopped. */
  readonly leave: AbortSignal;
}

/** An answer that has come to its end. */
export interface ChatAnswer {
  readonly id: string;
  /** Which model made it. */
  readonly model: string;
  /** `completed`, `incomplete`, `cancelled` or `failed`. */
  readonly status: string;
  readonly text: string;
}

/** One conversation with a fleet: which model is asked, and which turn the next one follows. */
export class ChatSession {
  readonly #client: OpenAI;
  readonly #access: FleetAccess;
  #model: string;
  #previousId: string | undefined;
  #answeredBy: string | undefined;

  constructor(access: FleetAccess, model: string) {
    this.#access = access;
    this.#model = model;
    const { url, apiKey } = access;
    // A question that is sent twice would be answered twice, so the person decides about that.
    this.#client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, logLevel: 'off' });
  }

  /** A model, an alias or `assistant:<name>`. */
  get model(): string {
    return this.#model;
  }

  /** Asks another from now on; the conversation goes on. */
  use(model: string): void {
    this.#model = model;
  }

  /** The next question begins another conversation. */
  begin(): void {
    this.#previousId = undefined;
  }

  /** Every name that can be asked. */
  async names(): Promise<string[]> {
    try {
      const names: string[] = [];
      for await (const { id } of this.#client.models.list()) names.push(id);
      return names;
    } catch (error) {
      throw failureOf(error, this.#access);
    }
  }

  /**
   * Asks and shows the answer as it comes.
   * @returns how it ended; one that was stopped or cut short counts as an answer, a failed one does not.
   * @throws ParleyError or NoFleetError when there is none.
   */
  async ask(text: string, screen: ChatScreen, control: AnswerControl): Promise<ChatAnswer> {
    let stopping: Promise<void> | undefined;
    const cancel = (id: string): void => {
      stopping ??= this.#client.responses.cancel(id).then(
        () => undefined,
        (error: unknown) => screen.note(`it cannot be stopped: ${messageOf(error)}`),
      );
    };
    const question = { model: this.#model, text, previousId: this.#previousId };
    try {
      for await (const part of new Answer(this.#client, control.leave).read(question)) {
        switch (part.type) {
          case 'begun': {
            const { id } = part;
            this.#noteModel(part.model, screen);
            control.stop.addEventListener('abort', () => cancel(id), { once: true });
            if (control.stop.aborted) cancel(id);
            break;
          }
          case 'text':
            screen.text(part.text);
            break;
          case 'reattaching':
            screen.note('the connection is lost; looking for the answer …');
            break;
          case 'reattached':
            screen.note('found; going on');
            break;
          case 'ended':
            await stopping;
            return this.#accept(part.response, part.text, screen);
        }
      }
    } catch (error) {
      throw failureOf(error, this.#access);
    }
    throw new Error('An answer ended without its end.');
  }

  #accept(response: Response, text: string, screen: ChatScreen): ChatAnswer {
    const { id, model, error, incomplete_details: details } = response;
    const status: string = response.status ?? '';
    if (status === 'failed') screen.failed(error?.message ?? 'The answer failed without a reason.');
    else this.#previousId = id;
    this.#noteModel(model, screen);
    if (status === 'cancelled') screen.note('stopped');
    if (status === 'incomplete') screen.note(`cut short: ${details?.reason ?? 'no reason given'}`);
    return { id, model, status, text };
  }

  #noteModel(model: string, screen: ChatScreen): void {
    if (model === '' || model === this.#answeredBy) return;
    screen.model(model, this.#answeredBy);
    this.#answeredBy = model;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
