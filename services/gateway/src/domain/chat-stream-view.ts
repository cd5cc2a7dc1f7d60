import type { ParleyError } from '@parley/kernel';
import { chatHead, chatUsage, finishReasonOf } from './chat-view.ts';
import { errorObject } from './problem.ts';
import { sseDone, sseEvent } from './sse.ts';
import type { StreamView } from './stream-view.ts';
import { faultOfChat } from './turn-outcome.ts';
import type { Item, LogEntry, Turn } from './turn.ts';

interface Delta {
  readonly role?: 'assistant';
  readonly content?: string;
  readonly tool_calls?: readonly [CallDelta];
}

/** The first of a call names it. */
interface CallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments: string };
}

/**
 * A turn's log as Chat Completions chunks. It shows the text, the calls and the end; a chunk carries the
 * number of its entry, so numbers have gaps here. The usage comes from the same entry as the chunk before it, and
 * has no number, so that none repeats. It holds until the first text or call: a turn that fails before is an
 * HTTP error.
 */
export class ChatStreamView implements StreamView {
  readonly #includeUsage: boolean;
  #head: ReturnType<typeof chatHead<'chat.completion.chunk'>> | undefined;
  #roleShown = false;
  /** By the item's place in the output: its place among the calls. */
  readonly #calls = new Map<number, number>();
  #holding = true;

  constructor(options: { includeUsage: boolean }) {
    this.#includeUsage = options.includeUsage;
  }

  get holding(): boolean {
    return this.#holding;
  }

  render(entry: LogEntry): string {
    switch (entry.kind) {
      case 'turn_created':
      case 'turn_started':
        this.#head = chatHead(entry.turn, 'chat.completion.chunk');
        return '';
      case 'item_added':
        return this.#begin(entry.sequence, entry.outputIndex, entry.item);
      case 'arguments_delta': {
        const index = this.#calls.get(entry.outputIndex) ?? 0;
        const call = { index, function: { arguments: entry.text } };
        return this.#chunk(entry.sequence, { tool_calls: [call] }, null);
      }
      case 'text_delta':
        this.#holding = false;
        return this.#chunk(entry.sequence, { content: entry.text }, null);
      case 'turn_ended':
        return this.#end(entry.sequence, entry.turn);
      case 'part_added':
      case 'text_done':
      case 'part_done':
      case 'arguments_done':
      case 'item_done':
        return '';
    }
  }

  renderError(error: ParleyError): string {
    return sseEvent('error', undefined, { error: errorObject(error) });
  }

  #begin(sequence: number, outputIndex: number, item: Item): string {
    // The first message opens the answer; one after it is told by its text.
    if (item.type !== 'function_call')
      return this.#roleShown ? '' : this.#chunk(sequence, { content: '' }, null);
    this.#holding = false;
    const index = this.#calls.size;
    this.#calls.set(outputIndex, index);
    const { callId, name } = item;
    const call = { index, id: callId, type: 'function', function: { name, arguments: '' } } as const;
    return this.#chunk(sequence, { tool_calls: [call] }, null);
  }

  #end(sequence: number, turn: Turn): string {
    const fault = faultOfChat(turn);
    if (fault !== undefined) throw fault;
    this.#holding = false;
    this.#head = chatHead(turn, 'chat.completion.chunk');
    const last = this.#chunk(sequence, {}, finishReasonOf(turn));
    const usage = this.#includeUsage
      ? sseEvent(undefined, undefined, { ...this.#head, choices: [], usage: chatUsage(turn.usage) })
      : '';
    return last + usage + sseDone;
  }

  #chunk(sequence: number, delta: Delta, finishReason: ReturnType<typeof finishReasonOf> | null): string {
    const role = this.#roleShown ? {} : ({ role: 'assistant' } as const);
    this.#roleShown = true;
    return sseEvent(undefined, sequence, {
      ...this.#head,
      choices: [{ index: 0, delta: { ...role, ...delta }, logprobs: null, finish_reason: finishReason }],
      ...(this.#includeUsage ? { usage: null } : {}),
    });
  }
}
