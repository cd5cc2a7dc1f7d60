import type { EngineUpdate } from '../../../ports/engine.ts';

/**
 * Between an engine that never waits and a reader that may: chunks that are not read yet become one, so what is kept
 * is the answer's text at most.
 */
export class AnswerChannel {
  #waiting: EngineUpdate[] = [];
  #failure: Error | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  /** Whether the engine has said its last word on this answer. */
  get closed(): boolean {
    return this.#closed;
  }

  push(update: EngineUpdate): void {
    if (this.#closed) return;
    const last = this.#waiting.at(-1);
    if (update.type === 'chunk' && last?.type === 'chunk') {
      this.#waiting[this.#waiting.length - 1] = {
        type: 'chunk',
        text: last.text + update.text,
        tokenIds: [...last.tokenIds, ...update.tokenIds],
      };
    } else {
      this.#waiting.push(update);
    }
    if (update.type === 'finished') this.#closed = true;
    this.#wake?.();
  }

  /** Ends the answer with an error, after what came before it. */
  fail(error: Error): void {
    if (this.#closed) return;
    this.#failure = error;
    this.#closed = true;
    this.#wake?.();
  }

  /** Ends the reading at once: nothing that waits is of use any more. */
  abandon(error: Error): void {
    this.#waiting = [];
    this.#failure = error;
    this.#closed = true;
    this.#wake?.();
  }

  /** The next update; undefined after the last one. @throws what the answer failed with. */
  async next(): Promise<EngineUpdate | undefined> {
    while (this.#waiting.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const update = this.#waiting.shift();
    if (update === undefined && this.#failure !== undefined) throw this.#failure;
    return update;
  }
}
