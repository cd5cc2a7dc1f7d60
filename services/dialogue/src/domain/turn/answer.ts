import { newPublicId } from '@parley/kernel';
import { AnswerCall } from './answer-call.ts';
import { AnswerMessage } from './answer-message.ts';
import type { EntryBody, LogEntry } from '../log/log-entry.ts';
import type { PromptCall } from '../../ports/model-client.ts';
import type { Item, ItemStatus } from './turn.ts';

/** The answer as it grows, and the entries that tell of it: messages with one text part each, and function calls. */
export class Answer {
  /** All but the last one are complete. */
  readonly #items: (AnswerMessage | AnswerCall)[] = [];
  /** Items whose end is told. */
  #told = 0;
  #lastCall = -1;

  /** An answer that another instance began, from the entries of its log. */
  static fromLog(entries: readonly LogEntry[]): Answer {
    const answer = new Answer();
    for (const { body } of entries) {
      if (body.type === 'item_added') answer.#items.push(answer.#opened(body.item));
      if (body.type === 'text_delta' || body.type === 'arguments_delta')
        answer.#items.at(-1)?.restore(body.text);
      if (body.type === 'item_done') answer.#told = answer.#items.length;
    }
    return answer;
  }

  /** What was said in words. */
  get text(): string {
    return this.#items.map((item) => (item instanceof AnswerMessage ? item.text : '')).join('');
  }

  add(text: string): void {
    if (text === '') return;
    const last = this.#items.at(-1);
    if (last instanceof AnswerMessage && this.#told < this.#items.length) last.add(text);
    else this.#begin(new AnswerMessage(newPublicId('msg'), this.#items.length)).add(text);
  }

  /** @param index of the call in the answer; the first piece of a call brings its id and name */
  addCall(index: number, { id, name, arguments: written }: PromptCall): void {
    const last = this.#items.at(-1);
    if (last instanceof AnswerCall && index === this.#lastCall) return last.add(written);
    this.#lastCall = index;
    const callId = id === '' ? newPublicId('call') : id;
    this.#begin(new AnswerCall({ id: newPublicId('fc'), callId, name }, this.#items.length)).add(written);
  }

  /** Whether anything has been said or told. */
  get begun(): boolean {
    return this.#items.length > 0;
  }

  /** What has been added since the last call, as entries. */
  takeDelta(): EntryBody[] {
    const bodies: EntryBody[] = [];
    while (this.#told < this.#items.length - 1)
      bodies.push(...(this.#items[this.#told++]?.close('completed') ?? []));
    if (this.#told < this.#items.length) bodies.push(...(this.#items.at(-1)?.takeDelta() ?? []));
    return bodies;
  }

  /** All entries up to the end of the answer; one that says nothing is an empty message. */
  close(status: ItemStatus): EntryBody[] {
    if (!this.begun) this.#begin(new AnswerMessage(newPublicId('msg'), 0));
    const bodies = this.takeDelta();
    if (this.#told < this.#items.length) bodies.push(...(this.#items.at(-1)?.close(status) ?? []));
    this.#told = this.#items.length;
    return bodies;
  }

  items(status: ItemStatus): Item[] {
    const last = this.#items.length - 1;
    return this.#items.map((item, index) => item.item(index < last ? 'completed' : status));
  }

  #begin<T extends AnswerMessage | AnswerCall>(item: T): T {
    this.#items.push(item);
    return item;
  }

  #opened(item: Item): AnswerMessage | AnswerCall {
    const at = this.#items.length;
    const opened = item.type === 'function_call' ? new AnswerCall(item, at) : new AnswerMessage(item.id, at);
    opened.isOpen = true;
    return opened;
  }
}
