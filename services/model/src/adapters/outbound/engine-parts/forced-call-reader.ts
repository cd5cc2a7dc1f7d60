import { JsonEnd } from './json-end.ts';
import type { AnswerPart, CallReader } from './tool-call-reader.ts';

const head = /^\s*\{\s*"name"\s*:\s*"([^"\\]*)"\s*,\s*"(?:arguments|parameters)"\s*:\s*/;

/** Reads the one call that an answer is by grammar: `{"name": …, "arguments": {…}}`. Its arguments are given as they come. */
export class ForcedCallReader implements CallReader {
  readonly #json = new JsonEnd();
  #head: string | undefined;
  #ended = false;

  /** @param written the beginning of the call, where the prompt ends with it */
  constructor(written: string) {
    this.#head = written;
  }

  get calls(): number {
    return this.#head === undefined ? 1 : 0;
  }

  push(text: string): readonly AnswerPart[] {
    if (this.#ended) return [];
    if (this.#head === undefined) return this.#arguments(text);
    this.#head += text;
    const match = head.exec(this.#head);
    const rest = match === null ? '' : this.#head.slice(match[0].length);
    // The white space before the arguments may go on.
    if (match === null || rest === '') return [];
    this.#head = undefined;
    const first = { kind: 'call', index: 0, name: match[1] ?? '', arguments: '' } as const;
    return [first, ...this.#arguments(rest)];
  }

  end(): readonly AnswerPart[] {
    return [];
  }

  #arguments(text: string): readonly AnswerPart[] {
    const end = this.#json.push(text);
    this.#ended = end !== undefined;
    const part = text.slice(0, end);
    return part === '' ? [] : [{ kind: 'call', index: 0, name: '', arguments: part }];
  }
}
