import type { ParleyError } from '@parley/kernel';
import { chatHead, chatUsage, finishReasonOf } from './chat-view.ts';
import { errorObject } from './problem.ts';
import { sseDone, sseEvent } from './sse.ts';
import type { StreamView } from './stream-view.ts';
import { faultOfChat } from './turn-outcome.ts';
import type { LogEntry, Turn } from './turn.ts';

interface Delta {
  readonly role?: 'assistant';
  readonly content?: string;
}

/**
 * A turn's log as Chat Completions chunks. It shows the first item, its text and the end; a chunk carries the
 * number of its entry, so numbers have gaps here. The usage comes from the same entry as the chunk before it, and
 * has no number, so that none repeats. It holds until the first text: a turn that fails before is an
 * HTTP error.
 */
export class ChatStreamView implements StreamView {
  readonly #includeUsage: boolean;
  #head: ReturnType<typeof chatHead<'chat.completion.chunk'>> | undefined;
  #roleShown = false;
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
        return this.#chunk(entry.sequence, { content: '' }, null);
      case 'text_delta':
        this.#holding = false;
        return this.#chunk(entry.sequence, { content: entry.text }, null);
      case 'turn_ended':
        return this.#end(entry.sequence, entry.turn);
      case 'part_added':
      case 'text_done':
      case 'part_done':
      case 'item_done':
        return '';
    }
  }

  renderError(error: ParleyError): string {
    return sseEvent('error', undefined, { error: errorObject(error) });
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

  #chunk(sequence: number, delta: Delta, finishReason: 'stop' | 'length' | null): string {
    const role = this.#roleShown ? {} : ({ role: 'assistant' } as const);
    this.#roleShown = true;
    return sseEvent(undefined, sequence, {
      ...this.#head,
      choices: [{ index: 0, delta: { ...role, ...delta }, logprobs: null, finish_reason: finishReason }],
      ...(this.#includeUsage ? { usage: null } : {}),
    });
  }
}
