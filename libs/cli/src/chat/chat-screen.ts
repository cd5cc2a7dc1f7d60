import { styleText } from 'node:util';

/** What a chat shows. */
export interface ChatScreen {
  /** A piece of the answer. */
  text(piece: string): void;
  /** The answer is over. */
  end(): void;
  /** Who answers, when it is another than before. */
  model(name: string, before: string | undefined): void;
  /** Something about the answer that is not part of it. */
  note(text: string): void;
  /** Text that was asked for by a command. */
  say(text: string): void;
  failed(message: string): void;
}

/** Answers among notes in a quiet colour, on a terminal. */
export class TerminalScreen implements ChatScreen {
  readonly #stream: NodeJS.WritableStream;
  #atLineStart = true;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  text(piece: string): void {
    // A model's text must not move the cursor or set the terminal's title.
    const visible = piece.replaceAll(/(?![\n\t])\p{Cc}/gu, '');
    if (visible === '') return;
    this.#stream.write(visible);
    this.#atLineStart = visible.endsWith('\n');
  }

  end(): void {
    if (!this.#atLineStart) this.text('\n');
    this.#stream.write('\n');
  }

  model(name: string, before: string | undefined): void {
    this.note(before === undefined ? `${name} answers` : `${name} answers now; it was ${before} before`);
  }

  note(text: string): void {
    this.#line('dim', `[${text}]`);
  }

  say(text: string): void {
    this.text(`${text}\n`);
  }

  failed(message: string): void {
    this.#line('red', message);
  }

  #line(style: 'dim' | 'red', text: string): void {
    const lead = this.#atLineStart ? '' : '\n';
    this.#stream.write(`${lead}${styleText(style, text, { stream: this.#stream, validateStream: true })}\n`);
    this.#atLineStart = true;
  }
}

/** Only the answers on stdout, for a pipe; what is said about them goes to stderr. */
export class PipeScreen implements ChatScreen {
  readonly #out: (piece: string) => void;
  readonly #err: (line: string) => void;
  #hasText = false;
  #atLineStart = true;

  /** @param out writes as it is @param err writes a line */
  constructor(out: (piece: string) => void, err: (line: string) => void) {
    this.#out = out;
    this.#err = err;
  }

  text(piece: string): void {
    if (piece === '') return;
    this.#out(piece);
    this.#hasText = true;
    this.#atLineStart = piece.endsWith('\n');
  }

  end(): void {
    if (this.#hasText && !this.#atLineStart) this.#out('\n');
    this.#hasText = false;
    this.#atLineStart = true;
  }

  model(name: string, before: string | undefined): void {
    if (before !== undefined) this.note(`${name} answers now; it was ${before} before`);
  }

  note(text: string): void {
    this.#err(`[${text}]`);
  }

  say(text: string): void {
    this.#err(text);
  }

  failed(message: string): void {
    this.#err(`parley: ${message}`);
  }
}
