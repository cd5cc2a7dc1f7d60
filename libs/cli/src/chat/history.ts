import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

const maxLines = 1000;

/** What was asked in chats before, one line each, in a file that only its owner can read. */
export class ChatHistory {
  readonly #file: string;
  readonly #lines: string[];

  /** A file that cannot be read or written is no reason not to chat: it counts as empty. */
  constructor(file: string) {
    this.#file = file;
    this.#lines = readLines(file);
    if (this.#lines.length <= maxLines) return;
    this.#lines.splice(0, this.#lines.length - maxLines);
    quietly(() => writeFileSync(file, `${this.#lines.join('\n')}\n`, { mode: 0o600 }));
  }

  /** The newest first, as readline wants them. */
  newestFirst(): string[] {
    return this.#lines.toReversed();
  }

  /** At most 1000 are kept. */
  add(text: string): void {
    const line = text.replaceAll(/\s*\n\s*/g, ' ').trim();
    if (line === '' || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#lines.length > maxLines) this.#lines.shift();
    quietly(() => appendFileSync(this.#file, `${line}\n`, { mode: 0o600 }));
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

function quietly(write: () => void): void {
  try {
    write();
  } catch {
    // The next question is still in memory.
  }
}
