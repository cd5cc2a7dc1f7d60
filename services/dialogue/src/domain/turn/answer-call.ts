import type { EntryBody } from '../log/log-entry.ts';
import type { FunctionCallItem, ItemStatus } from './turn.ts';

/** A function call of an answer as it grows. */
export class AnswerCall {
  readonly #names: Pick<FunctionCallItem, 'id' | 'callId' | 'name'>;
  readonly #outputIndex: number;
  /** Whether its beginning is told. */
  isOpen = false;
  #arguments = '';
  #untold = '';

  constructor({ id, callId, name }: Pick<FunctionCallItem, 'id' | 'callId' | 'name'>, outputIndex: number) {
    this.#names = { id, callId, name };
    this.#outputIndex = outputIndex;
  }

  add(text: string): void {
    this.#arguments += text;
    this.#untold += text;
  }

  /** Takes text that is told already. */
  restore(text: string): void {
    this.#arguments += text;
  }

  takeDelta(): EntryBody[] {
    const bodies = this.#opening();
    if (this.#untold !== '') bodies.push({ type: 'arguments_delta', ...this.#place, text: this.#untold });
    this.#untold = '';
    return bodies;
  }

  close(status: ItemStatus): EntryBody[] {
    return [
      ...this.takeDelta(),
      { type: 'arguments_done', ...this.#place, name: this.#names.name, text: this.#arguments },
      { type: 'item_done', outputIndex: this.#outputIndex, item: this.item(status) },
    ];
  }

  item(status: ItemStatus): FunctionCallItem {
    const written = status === 'in_progress' ? '' : this.#arguments;
    return {
      ...this.#names,
      type: 'function_call',
      role: 'assistant',
      content: [],
      arguments: written,
      status,
    };
  }

  get #place(): { readonly outputIndex: number; readonly itemId: string } {
    return { outputIndex: this.#outputIndex, itemId: this.#names.id };
  }

  #opening(): EntryBody[] {
    if (this.isOpen) return [];
    this.isOpen = true;
    return [{ type: 'item_added', outputIndex: this.#outputIndex, item: this.item('in_progress') }];
  }
}
