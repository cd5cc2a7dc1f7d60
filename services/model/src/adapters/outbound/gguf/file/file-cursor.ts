import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ParleyError } from '@parley/kernel';

/** Read from the disk at once. */
const blockBytes = 1 << 20;

/** Reads a file from its beginning to its end, a value at a time; what lies beyond the end is an error, never memory. */
export class FileCursor implements Disposable {
  readonly fileBytes: number;
  /** The place of the next value, in bytes from the beginning. */
  at = 0;
  readonly #file: number;
  #block: Buffer = Buffer.alloc(0);
  #blockAt = 0;

  /** @throws the system's error when the file cannot be opened. */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
    this.fileBytes = fstatSync(this.#file).size;
  }

  get left(): number {
    return this.fileBytes - this.at;
  }

  /** The next bytes; they are overwritten by later reads. @throws ParleyError `config_invalid` when there are fewer. */
  take(bytes: number): Buffer {
    if (bytes > this.left) {
      const message = `it ends after ${this.fileBytes} bytes, in the middle of its header`;
      throw new ParleyError('config_invalid', message);
    }
    if (this.at < this.#blockAt || this.at + bytes > this.#blockAt + this.#block.length) this.#read(bytes);
    const begin = this.at - this.#blockAt;
    this.at += bytes;
    return this.#block.subarray(begin, begin + bytes);
  }

  /** Passes over bytes without reading them. @throws ParleyError `config_invalid` when there are fewer. */
  skip(bytes: number): void {
    if (bytes > this.left) this.take(bytes);
    this.at += bytes;
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  /** @throws ParleyError `config_invalid` for a number that no count or size can be. */
  u64(): number {
    const value = this.take(8).readBigUInt64LE();
    if (value > Number.MAX_SAFE_INTEGER) {
      throw new ParleyError('config_invalid', `it has the number ${value} where a size or a count belongs`);
    }
    return Number(value);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #read(bytes: number): void {
    this.#block = Buffer.allocUnsafe(Math.min(this.left, Math.max(blockBytes, bytes)));
    this.#blockAt = this.at;
    let filled = 0;
    while (filled < this.#block.length) {
      const got = readSync(this.#file, this.#block, filled, this.#block.length - filled, this.at + filled);
      if (got === 0) throw new ParleyError('config_invalid', 'it became shorter while it was read');
      filled += got;
    }
  }
}
