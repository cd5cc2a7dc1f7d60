const open = '<think>';
const close = '</think>';

/** Leaves out what a model thinks before it answers, between `<think>` and `</think>` at the beginning. */
export class ThoughtReader {
  #held = '';
  #state: 'start' | 'thought' | 'gap' | 'answer';

  /** @param isOpen the prompt ends with `<think>` already */
  constructor(isOpen: boolean) {
    this.#state = isOpen ? 'thought' : 'start';
  }

  /** @returns what is the answer's own in what has come so far and was not given before */
  push(text: string): string {
    this.#held += text;
    if (this.#state === 'start') this.#begin();
    if (this.#state === 'thought') this.#think();
    if (this.#state === 'gap') {
      this.#held = this.#held.trimStart();
      if (this.#held !== '') this.#state = 'answer';
    }
    return this.#state === 'answer' ? this.#take() : '';
  }

  /** The rest, once no more text comes; a thought that never ended is none of it. */
  end(): string {
    const rest = this.#take();
    return this.#state === 'start' ? rest : '';
  }

  #begin(): void {
    const said = this.#held.trimStart();
    if (said.startsWith(open)) {
      this.#held = said.slice(open.length);
      this.#state = 'thought';
    } else if (!open.startsWith(said)) this.#state = 'answer';
  }

  #think(): void {
    const at = this.#held.indexOf(close);
    if (at === -1) this.#held = this.#held.slice(-close.length);
    else {
      this.#held = this.#held.slice(at + close.length);
      this.#state = 'gap';
    }
  }

  #take(): string {
    const text = this.#held;
    this.#held = '';
    return text;
  }
}
