import type { EntryBody, PartPlace } from '../log/log-entry.ts';
import type { Item, ItemStatus } from './turn.ts';

/** A message of an answer as it grows. */
export class AnswerMessage {
  readonly #place: PartPlace;
  /** Whether its beginning is told. */
  isOpen = false;
  #text = '';
  #untold = '';

  constructor(itemId: string, outputIndex: number) {
    this.#place = { outputIndex, itemId, contentIndex: 0 };
  }

  get text(): string {
    return this.#text;
  }

  add(text: string): void {
    this.#text += text;
    this.#untold += text;
  }

  /** Takes text that is told already. */
  restore(text: string): void {
    this.#text += text;
  }

  takeDelta(): EntryBody[] {
    if (this.#untold === '') return [];
    const bodies = this.#opening();
    bodies.push({ type: 'text_delta', ...this.#place, text: this.#untold });
    this.#untold = '';
    return bodies;
  }

  close(status: ItemStatus): EntryBody[] {
    const place = this.#place;
    return [
      ...this.takeDelta(),
      ...this.#opening(),
      { type: 'text_done', ...place, text: this.#text },
      { type: 'part_done', ...place, text: this.#text },
      { type: 'item_done', outputIndex: place.outputIndex, item: this.item(status) },
    ];
  }

  item(status: ItemStatus): Item {
    const content = status === 'in_progress' ? [] : [{ type: 'text', text: this.#text } as const];
    return { id: this.#place.itemId, type: 'message', role: 'assistant', content, status, name: '' };
  }

  #opening(): EntryBody[] {
    if (this.isOpen) return [];
    this.isOpen = true;
    return [
      { type: 'item_added', outputIndex: this.#place.outputIndex, item: this.item('in_progress') },
      { type: 'part_added', ...this.#place },
    ];
  }
}
