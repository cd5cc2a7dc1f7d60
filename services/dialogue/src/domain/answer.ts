import { newPublicId } from '@parley/kernel';
import type { EntryBody, LogEntry, PartPlace } from './log-entry.ts';
import type { Item, ItemStatus } from './turn.ts';

/** The answer as it grows, and the entries that tell of it: one message with one text part. */
export class Answer {
  #place: PartPlace = { outputIndex: 0, itemId: newPublicId('msg'), contentIndex: 0 };
  #text = '';
  #untold = '';
  #opened = false;

  /** An answer that another instance began, from the entries of its log. */
  static fromLog(entries: readonly LogEntry[]): Answer {
    const answer = new Answer();
    for (const { body } of entries) {
      if (body.type === 'item_added') {
        answer.#place = { ...answer.#place, itemId: body.item.id };
        answer.#opened = true;
      }
      if (body.type === 'text_delta') answer.#text += body.text;
    }
    return answer;
  }

  get text(): string {
    return this.#text;
  }

  add(text: string): void {
    this.#text += text;
    this.#untold += text;
  }

  /** Whether anything has been said or told. */
  get begun(): boolean {
    return this.#opened || this.#text !== '';
  }

  /** What has been added since the last call, as entries. */
  takeDelta(): EntryBody[] {
    if (this.#untold === '') return [];
    const bodies = this.#opening();
    bodies.push({ type: 'text_delta', ...this.#place, text: this.#untold });
    this.#untold = '';
    return bodies;
  }

  /** All entries up to the end of the message. */
  close(status: ItemStatus): EntryBody[] {
    const place = this.#place;
    const bodies = this.takeDelta();
    if (!this.#opened) bodies.push(...this.#opening());
    bodies.push(
      { type: 'text_done', ...place, text: this.#text },
      { type: 'part_done', ...place, text: this.#text },
      { type: 'item_done', outputIndex: place.outputIndex, item: this.item(status) },
    );
    return bodies;
  }

  item(status: ItemStatus): Item {
    const content = status === 'in_progress' ? [] : [{ type: 'text', text: this.#text } as const];
    return { id: this.#place.itemId, type: 'message', role: 'assistant', content, status, name: '' };
  }

  #opening(): EntryBody[] {
    if (this.#opened) return [];
    this.#opened = true;
    return [
      { type: 'item_added', outputIndex: this.#place.outputIndex, item: this.item('in_progress') },
      { type: 'part_added', ...this.#place },
    ];
  }
}
