import type { PlainFile } from './plain-file.ts';

/** They hold as much memory as the sequences they came from. */
const mostFiles = 2;
/** Who has waited longer for a slot opens the file once more. */
const keptMs = 30_000;

interface OpenedFile {
  readonly plain: PlainFile;
  readonly timer: NodeJS.Timeout;
}

/** States of sequences that were opened for prompts which wait for their slots; a few, and not for long. */
export class OpenedFiles implements AsyncDisposable {
  readonly #files = new Map<string, OpenedFile>();
  #opening = 0;

  /**
   * Opens a file, where there is room for it and it is not there.
   * @param open undefined: it cannot be opened
   */
  async add(path: string, open: () => Promise<PlainFile | undefined>): Promise<void> {
    if (this.#files.has(path) || this.#files.size + this.#opening >= mostFiles) return;
    this.#opening++;
    try {
      const plain = await open();
      if (plain === undefined) return;
      await this.#drop(path);
      const timer = setTimeout(() => void this.#drop(path), keptMs).unref();
      this.#files.set(path, { plain, timer });
    } finally {
      this.#opening--;
    }
  }

  /** Gives a file away. */
  take(path: string): PlainFile | undefined {
    const file = this.#files.get(path);
    this.#files.delete(path);
    clearTimeout(file?.timer);
    return file?.plain;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#files.keys()) await this.#drop(path);
  }

  async #drop(path: string): Promise<void> {
    await this.take(path)?.[Symbol.asyncDispose]();
  }
}
