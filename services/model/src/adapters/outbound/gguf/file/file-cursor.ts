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
    const begin = this.#pass(bytes);
    return this.#block.subarray(begin, begin + bytes);
  }

  /** Passes over bytes without reading them. @throws ParleyError `config_invalid` when there are fewer. */
  skip(bytes: number): void {
    if (bytes > this.left) this.take(bytes);
    this.at += bytes;
  }

  u32(): number {
    const begin = this.#pass(4);
    return this.#block.readUInt32LE(begin);
  }

  /** @throws ParleyError `config_invalid` for a number that no count or size can be. */
  u64(): number {
    const begin = this.#pass(8);
    // Two halves: a vocabulary has hundreds of thousands of lengths, and each BigInt would be an object.
    const value = this.#block.readUInt32LE(begin) + this.#block.readUInt32LE(begin + 4) * 2 ** 32;
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    const written = this.#block.readBigUInt64LE(begin);
    throw new ParleyError('config_invalid', `it has the number ${written} where a size or a count belongs`);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  /** Goes behind the next bytes; says where they begin in the block. */
  #pass(bytes: number): number {
    if (bytes > this.left) {
      const message = `it ends after ${this.fileBytes} bytes, in the middle of its header`;
      throw new ParleyError('config_invalid', message);
    }
    if (this.at < this.#blockAt || this.at + bytes > this.#blockAt + this.#block.length) this.#read(bytes);
    const begin = this.at - this.#blockAt;
    this.at += bytes;
    return begin;
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
