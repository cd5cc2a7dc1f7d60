import { JsonEnd } from './json-end.ts';
import { readCalls } from './read-calls.ts';
import { markupTexts } from './tool-format.ts';
import type { CallMarkup } from './tool-format.ts';

/** What a part of an answer turned out to be. The first part of a call names it; those after it have the name ''. */
export type AnswerPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly index: number; readonly name: string; readonly arguments: string };

/** Tells calls from text. */
export interface CallReader {
  /** Calls that have begun. */
  readonly calls: number;
  push(text: string): readonly AnswerPart[];
  /** The rest, once no more text comes. */
  end(): readonly AnswerPart[];
}

/** How newer models of Mistral write a call: `[TOOL_CALLS]name[ARGS]{…}`, in some with an id between. */
const namedCall = /^\s*([\w-]{1,64})(?:\[CALL_ID\]\w{0,64})?\[ARGS\]\s*/;
/** The beginning of one. */
const mayBeNamed = /^\s*[\w-]{1,64}(?:\[[A-Z_]{0,7}(?:\]\w{0,64}(?:\[[A-Z]{0,4})?)?)?$/;

/**
 * Finds the calls in the text of a model that calls as it sees fit. Text that may be a call is held back until that is
 * certain, and a call is given whole, so what turns out to be none is text as it was written. White space around calls
 * is left out.
 */
export class ToolCallReader implements CallReader {
  readonly #markup: CallMarkup;
  readonly #known: ReadonlySet<string>;
  /** What is not given out yet. */
  #held = '';
  /** `text`: looking for a call; `call`: in one; `after`: behind one; `plain`: no call can come any more. */
  #state: 'text' | 'call' | 'after' | 'plain';
  /** In a call: where its JSON begins in what is held, and how much of that was looked at. */
  #jsonAt = 0;
  #scanned = 0;
  #json = new JsonEnd();
  /** Where it stands before the arguments. */
  #name: string | undefined;
  #calls = 0;
  #parts: AnswerPart[] = [];

  /** @param known the names of the functions there are: a call of another is text */
  constructor(markup: CallMarkup, known: ReadonlySet<string>) {
    this.#markup = markup;
    this.#known = known;
    this.#state = 'text';
  }

  get calls(): number {
    return this.#calls;
  }

  push(text: string): readonly AnswerPart[] {
    this.#held += text;
    while (this.#step()) continue;
    return this.#take();
  }

  end(): readonly AnswerPart[] {
    // What follows a call and is the beginning of its end mark belongs to it.
    const isMark = this.#state === 'after' && this.#mayClose(this.#held);
    const isGap = this.#calls > 0 && this.#held.trim() === '';
    if (!isMark && !isGap) this.#say(this.#held.length);
    this.#held = '';
    return this.#take();
  }

  /** @returns whether there may be more to find in what is held */
  #step(): boolean {
    switch (this.#state) {
      case 'text':
        return this.#markup === 'llama3' ? this.#atStart() : this.#search();
      case 'call':
        return this.#inCall();
      case 'after':
        return this.#behindCall();
      case 'plain':
        this.#say(this.#held.length);
        return false;
    }
  }

  #search(): boolean {
    const { open } = markupTexts[this.#markup];
    const at = this.#held.indexOf(open);
    if (at === -1) {
      this.#say(certainLength(this.#held, open));
      return false;
    }
    this.#say(this.#held.slice(0, at).trimEnd().length);
    return this.#enter(this.#held.indexOf(open) + open.length);
  }

  /** Llama 3 says nothing beside a call, so only what the answer, or what follows a call, begins with can be one. */
  #atStart(): boolean {
    const { open } = markupTexts.llama3;
    const rest = this.#held.trimStart();
    if (rest === '' || (rest.length < open.length && open.startsWith(rest))) return false;
    const from = this.#held.length - rest.length + (rest.startsWith(open) ? open.length : 0);
    const first = this.#held.slice(from).trimStart().charAt(0);
    if (first === '') return false;
    if (first === '{') return this.#enter(from);
    this.#state = 'plain';
    return true;
  }

  #enter(after: number): boolean {
    this.#state = 'call';
    this.#jsonAt = after;
    this.#scanned = 0;
    this.#json = new JsonEnd();
    return true;
  }

  #inCall(): boolean {
    if (this.#scanned === 0) {
      const body = this.#held.slice(this.#jsonAt);
      const named = this.#markup === 'mistral' ? namedCall.exec(body) : null;
      const start = named === null ? body.length - body.trimStart().length : named[0].length;
      const first = body.charAt(start);
      if (first === '' || (this.#markup === 'mistral' && named === null && mayBeNamed.test(body)))
        return false;
      const opens = first === '{' || (first === '[' && named === null && this.#markup !== 'llama3');
      if (!opens) return this.#isText(this.#jsonAt);
      this.#name = named?.[1];
      this.#jsonAt += start;
    }
    const end = this.#json.push(this.#held.slice(this.#jsonAt + this.#scanned));
    if (end === undefined) {
      this.#scanned = this.#held.length - this.#jsonAt;
      return false;
    }
    const jsonEnd = this.#jsonAt + this.#scanned + end;
    const json = this.#held.slice(this.#jsonAt, jsonEnd);
    const written = this.#name === undefined ? json : `{"name": "${this.#name}", "arguments": ${json}}`;
    const calls = readCalls(written, this.#known);
    if (calls === undefined) return this.#isText(jsonEnd);
    for (const call of calls) this.#parts.push({ kind: 'call', index: this.#calls++, ...call });
    this.#held = this.#held.slice(jsonEnd);
    this.#state = 'after';
    return true;
  }

  /** It looked like a call and is none. */
  #isText(length: number): boolean {
    this.#say(length);
    this.#state = this.#markup === 'llama3' ? 'plain' : 'text';
    return true;
  }

  #behindCall(): boolean {
    if (this.#mayClose(this.#held)) return false;
    const rest = this.#held.trimStart();
    const close = this.#markup === 'llama3' ? ';' : markupTexts[this.#markup].close;
    if (close !== '' && rest.startsWith(close)) this.#held = rest.slice(close.length);
    this.#state = 'text';
    return true;
  }

  #mayClose(text: string): boolean {
    const rest = text.trimStart();
    const { close } = markupTexts[this.#markup];
    return rest === '' || (rest.length < close.length && close.startsWith(rest));
  }

  #say(length: number): void {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    if (text !== '') this.#parts.push({ kind: 'text', text });
  }

  #take(): readonly AnswerPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}

/** How much of a text is no part of `mark`, nor white space that may stand before it. */
function certainLength(text: string, mark: string): number {
  let kept = Math.min(mark.length - 1, text.length);
  while (kept > 0 && !mark.startsWith(text.slice(text.length - kept))) kept--;
  return text.slice(0, text.length - kept).trimEnd().length;
}
