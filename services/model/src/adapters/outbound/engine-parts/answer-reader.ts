import { randomBytes } from 'node:crypto';
import type { EndReason, EngineUpdate } from '../../../ports/engine.ts';
import type { ThoughtReader } from './thought-reader.ts';
import type { AnswerPart, CallReader } from './tool-call-reader.ts';

/** How the text of an answer is to be read; what is absent is not looked for. */
export interface Reading {
  readonly thoughts?: ThoughtReader | undefined;
  readonly calls?: CallReader | undefined;
  /** The answer ends with its first call. */
  readonly single: boolean;
}

/** Pieces of an answer in the making. */
type PieceUpdate = Extract<EngineUpdate, { readonly type: 'chunk' | 'tool-call' }>;

/** Reads what a model writes as what it says: its thoughts are left out, its calls are told as calls. */
export class AnswerReader {
  readonly #reading: Reading;
  #closed = false;
  #lastIndex = -1;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Whether nothing that follows is of use. */
  get isComplete(): boolean {
    return this.#closed;
  }

  /** @returns never nothing for tokens: who waits for a token learns of those that are held back, too */
  push(text: string, tokenIds: readonly number[]): readonly PieceUpdate[] {
    if (this.#closed) return [];
    const { thoughts, calls } = this.#reading;
    const said = thoughts === undefined ? text : thoughts.push(text);
    return this.#updates(calls === undefined ? textPart(said) : calls.push(said), tokenIds);
  }

  /** The rest, once no more text comes. */
  end(tokenIds: readonly number[] = []): readonly PieceUpdate[] {
    if (this.#closed) return [];
    const { thoughts, calls } = this.#reading;
    const rest = thoughts?.end() ?? '';
    const parts = calls === undefined ? textPart(rest) : [...calls.push(rest), ...calls.end()];
    return this.#updates(parts, tokenIds);
  }

  /** Why the answer ended, by why its text did. */
  reason(reason: EndReason): EndReason {
    const hasCalls = (this.#reading.calls?.calls ?? 0) > 0;
    return (reason === 'stop' || this.#closed) && hasCalls ? 'tool-calls' : reason;
  }

  #updates(parts: readonly AnswerPart[], tokenIds: readonly number[]): readonly PieceUpdate[] {
    const updates: PieceUpdate[] = [];
    for (const part of parts) {
      if (this.#closed) break;
      const ids = updates.length === 0 ? tokenIds : [];
      updates.push(this.#update(part, ids));
    }
    if (updates.length > 0 || tokenIds.length === 0) return updates;
    return [{ type: 'chunk', text: '', tokenIds }];
  }

  #update(part: AnswerPart, tokenIds: readonly number[]): PieceUpdate {
    if (part.kind === 'text') return { type: 'chunk', text: part.text, tokenIds };
    const { index, name, arguments: written } = part;
    const id = index > this.#lastIndex ? newCallId() : '';
    this.#lastIndex = index;
    // Of a call that comes in parts the end is not known here: its reader gives no second one.
    if (this.#reading.single && name !== '' && written !== '') this.#closed = true;
    return { type: 'tool-call', index, id, name, arguments: written, tokenIds };
  }
}

function textPart(text: string): readonly AnswerPart[] {
  return text === '' ? [] : [{ kind: 'text', text }];
}

/** An id for a call of a model that gives none. */
export function newCallId(): string {
  return `call_${randomBytes(12).toString('hex')}`;
}
