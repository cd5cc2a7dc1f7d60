import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { text, textBytes, u32, u64 } from './gguf-values.ts';
import type { GgufValue } from './gguf-values.ts';
import { halfBits, RandomWeights } from './random-weights.ts';
import type { WeightType } from './random-weights.ts';

/** One tensor of a file to be written. */
export interface GgufTensor {
  readonly name: string;
  /** As ggml counts: the length of a row first. */
  readonly shape: readonly number[];
  readonly type: WeightType;
  /** One number everywhere, or a normal distribution around 0 with this deviation. */
  readonly fill: { readonly constant: number } | { readonly deviation: number };
}

/** A file to be written. */
export interface GgufFile {
  /** In the order of the file; `general.architecture` first. */
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly tensors: readonly GgufTensor[];
  /** Of the random weights; the same seed gives the same file, byte for byte. */
  readonly seed: number;
}

const alignment = 32;
const typeNumbers: Readonly<Record<WeightType, number>> = { f32: 0, f16: 1 };
const typeBytes: Readonly<Record<WeightType, number>> = { f32: 4, f16: 2 };
const blockNumbers = 1 << 20;

/**
 * Writes a GGUF file of version 3, block by block: a file of gigabytes takes megabytes of memory.
 * @returns bytes written
 */
export async function writeGguf(path: string, { metadata, tensors, seed }: GgufFile): Promise<number> {
  const stream = createWriteStream(path);
  const end = finished(stream);
  const output = new Output(stream);
  try {
    await output.write(headerOf(metadata, tensors));
    for (const [at, tensor] of tensors.entries()) {
      await output.align();
      await writeWeights(output, tensor, seed + at * 7919);
    }
    await output.align();
  } finally {
    stream.end();
    await end;
  }
  return output.bytes;
}

function headerOf(metadata: GgufFile['metadata'], tensors: readonly GgufTensor[]): Buffer {
  const parts = [Buffer.from('GGUF'), u32(3).bytes, u64(tensors.length).bytes];
  const entries = Object.entries(metadata);
  parts.push(u64(entries.length).bytes);
  for (const [key, { type, bytes }] of entries) parts.push(textBytes(key), u32(type).bytes, bytes);
  let offset = 0;
  for (const tensor of tensors) {
    parts.push(text(tensor.name).bytes, u32(tensor.shape.length).bytes);
    parts.push(...tensor.shape.map((length) => u64(length).bytes));
    parts.push(u32(typeNumbers[tensor.type]).bytes, u64(offset).bytes);
    offset += aligned(bytesOf(tensor));
  }
  return Buffer.concat(parts);
}

async function writeWeights(output: Output, tensor: GgufTensor, seed: number): Promise<void> {
  const next =
    'deviation' in tensor.fill ? randomBlocks(tensor, tensor.fill.deviation, seed) : constantBlocks(tensor);
  for (let left = countOf(tensor); left > 0; left -= blockNumbers)
    await output.write(next(Math.min(left, blockNumbers)));
}

function randomBlocks({ type }: GgufTensor, deviation: number, seed: number): (count: number) => Buffer {
  const weights = new RandomWeights(type, deviation, seed);
  return (count) => weights.next(count);
}

function constantBlocks({ type, fill }: GgufTensor): (count: number) => Buffer {
  const value = 'constant' in fill ? fill.constant : 0;
  return (count) =>
    Buffer.from(
      type === 'f32'
        ? new Float32Array(count).fill(value).buffer
        : new Uint16Array(count).fill(halfBits(value)).buffer,
    );
}

function countOf({ shape }: GgufTensor): number {
  return shape.reduce((product, length) => product * length, 1);
}

function bytesOf(tensor: GgufTensor): number {
  return countOf(tensor) * typeBytes[tensor.type];
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Waits while the disk is slower than the writer. */
class Output {
  bytes = 0;
  readonly #stream: WriteStream;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  async write(bytes: Buffer): Promise<void> {
    this.bytes += bytes.length;
    if (!this.#stream.write(bytes)) await once(this.#stream, 'drain');
  }

  align(): Promise<void> {
    return this.write(Buffer.alloc(aligned(this.bytes) - this.bytes));
  }
}
