import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

const defaultMaxBytes = 10 * 1024 * 1024;
const tailBytes = 16 * 1024;

/**
 * The output of one instance: a file that the child writes itself, so that what it says while it ends is kept even
 * when the supervisor is gone. Bounded: at 10 MB its content moves to `<path>.1`, replacing the one before.
 */
export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;
  #runStart = 0;

  constructor(path: string, maxBytes = defaultMaxBytes) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /** A descriptor to hand to a child as stdout and stderr; the caller closes its own copy. Begins a new run. */
  open(): number {
    this.rotate();
    const fd = openSync(this.path, 'a', 0o600);
    this.#runStart = this.#size();
    return fd;
  }

  /**
   * Moves the content away when the file is too large. Copied, then cut: the child appends to its descriptor, so
   * the file must stay the same one.
   */
  rotate(): void {
    if (this.#size() < this.#maxBytes) return;
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path, 0);
    this.#runStart = 0;
  }

  /**
   * The last lines this run wrote, at most `count`: those for people where there are any, else the log records'
   * messages. None where the file cannot be read: they only accompany another fault.
   */
  lastLines(count: number): string[] {
    const lines = this.#readable()
      .split('\n')
      .filter((line) => line.trim() !== '');
    const plain = lines.filter((line) => !line.startsWith('{'));
    return (plain.length > 0 ? plain : lines.map(messageOf)).slice(-count);
  }

  #readable(): string {
    try {
      return this.#tail();
    } catch {
      return '';
    }
  }

  #tail(): string {
    const size = this.#size();
    const from = Math.max(this.#runStart, size - tailBytes);
    if (size <= from) return '';
    const fd = openSync(this.path, 'r');
    try {
      const buffer = Buffer.alloc(size - from);
      const read = readSync(fd, buffer, 0, buffer.length, from);
      return buffer.toString('utf8', 0, read);
    } finally {
      closeSync(fd);
    }
  }

  #size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }
}

/** The text of a JSON log record; any other line as it is. */
function messageOf(line: string): string {
  try {
    const record = JSON.parse(line) as { msg?: unknown; err?: { message?: unknown } };
    const parts = [record.msg, record.err?.message].filter((part) => typeof part === 'string');
    return parts.length > 0 ? [...new Set(parts)].join(': ') : line;
  } catch {
    return line;
  }
}
