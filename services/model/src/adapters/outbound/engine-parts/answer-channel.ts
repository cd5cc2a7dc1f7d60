import type { EngineUpdate } from '../../../ports/engine.ts';

/**
 * Between an engine that never waits and a reader that may: chunks that are not read yet become one, so what is kept
 * is the answer's text at most. After the first chunk the next ones come `gapMs` apart, because a small model makes
 * tokens faster than messages are worth sending; the end is never held back.
 */
export class AnswerChannel {
  readonly #gapMs: number;
  #waiting: EngineUpdate[] = [];
  #failure: Error | undefined;
  #closed = false;
  #nextChunkAt = 0;
  #wake: () => void = () => undefined;

  constructor(gapMs: number) {
    this.#gapMs = gapMs;
  }

  /** Whether the engine has said its last word on this answer. */
  get closed(): boolean {
    return this.#closed;
  }

  push(update: EngineUpdate): void {
    if (this.#closed) return;
    const last = this.#waiting.at(-1);
    if (update.type === 'chunk' && last?.type === 'chunk') {
      const tokenIds = [...last.tokenIds, ...update.tokenIds];
      this.#waiting[this.#waiting.length - 1] = { type: 'chunk', text: last.text + update.text, tokenIds };
      return;
    }
    if (update.type === 'tool-call' && last?.type === 'tool-call' && update.index === last.index) {
      const tokenIds = [...last.tokenIds, ...update.tokenIds];
      const both = { ...last, arguments: last.arguments + update.arguments, tokenIds };
      this.#waiting[this.#waiting.length - 1] = both;
      return;
    }
    this.#waiting.push(update);
    if (update.type === 'finished') this.#closed = true;
    this.#wake();
  }

  /** Ends the answer with an error, after what came before it. */
  fail(error: Error): void {
    if (this.#closed) return;
    this.#failure = error;
    this.#closed = true;
    this.#wake();
  }

  /** Ends the reading at once: nothing that waits is of use any more. */
  abandon(error: Error): void {
    this.#waiting = [];
    this.#failure = error;
    this.#closed = true;
    this.#wake();
  }

  /** The next update; undefined after the last one. @throws what the answer failed with. */
  async next(): Promise<EngineUpdate | undefined> {
    while (this.#waiting.length === 0 && !this.#closed) await this.#change();
    if (isPiece(this.#waiting[0])) await this.#gap();
    const update = this.#waiting.shift();
    if (isPiece(update)) this.#nextChunkAt = performance.now() + this.#gapMs;
    if (update === undefined && this.#failure !== undefined) throw this.#failure;
    return update;
  }

  /** Waits until a piece is due again, or for the end. */
  async #gap(): Promise<void> {
    const waitMs = this.#nextChunkAt - performance.now();
    if (waitMs <= 0 || this.#closed) return;
    const timer = setTimeout(() => this.#wake(), waitMs);
    await this.#change();
    clearTimeout(timer);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

function isPiece(update: EngineUpdate | undefined): boolean {
  return update?.type === 'chunk' || update?.type === 'tool-call';
}
