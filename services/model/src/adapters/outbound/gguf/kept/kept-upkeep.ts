import { systemClock } from '@parley/kernel';
import type { KeptFolder } from './kept-folder.ts';

const everyMs = 10 * 60 * 1000;

/** Removes kept sequences that are over age or over the bound, whether an engine host runs or not. */
export class KeptUpkeep implements AsyncDisposable {
  readonly #folder: KeptFolder;
  readonly #maxBytes: number;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> = Promise.resolve();

  /** @param maxBytes 0 = nothing is kept, and what was is removed */
  constructor(folder: KeptFolder, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#timer = setInterval(() => this.#sweep(), everyMs).unref();
    this.#sweep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #sweep(): void {
    this.#running = this.#afterwards(this.#running);
  }

  async #afterwards(before: Promise<void>): Promise<void> {
    await before;
    await this.#folder.expire(systemClock.now());
    await this.#folder.makeRoom(0, this.#maxBytes);
  }
}
