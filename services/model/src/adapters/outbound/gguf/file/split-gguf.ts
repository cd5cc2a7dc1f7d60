import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import { partName } from '../weights/part-name.ts';
import { readGgufHeader } from './gguf-header.ts';
import type { GgufHeader, GgufTensorInfo } from './gguf-header.ts';
import { splitPlan } from './split-plan.ts';

/** A part that was written. */
export interface WrittenPart {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface SplitOptions {
  readonly parts: number;
  /** Where the parts go. */
  readonly folder: string;
  readonly onPart?: (part: WrittenPart) => void;
}

const blockBytes = 8 * 1024 ** 2;
const types = { u16: 2, u32: 4, i32: 5 } as const;

/**
 * Splits a GGUF file as llama.cpp's gguf-split does, by whole tensors: the first part has the metadata as well. Beside
 * the parts goes a list of their digests, `BASE.gguf.sha256`. Blocks: not for a service's own process.
 * @throws ParleyError `invalid_request`, `conflict`, `config_invalid`; what was written by then is removed.
 */
export function splitGguf(path: string, { parts, folder, onPart }: SplitOptions): WrittenPart[] {
  const header = readGgufHeader(path);
  if (header.values.has('split.count')) {
    throw new ParleyError('invalid_request', `${basename(path)} is a part of a split file already.`);
  }
  const base = basename(path).replace(/\.gguf$/i, '');
  const plan = splitPlan(header.tensors, parts);
  const targets = plan.map((_, at) => join(folder, partName(base, at + 1, parts)));
  const there = targets.find((target) => existsSync(target));
  if (there !== undefined) throw new ParleyError('conflict', `${basename(there)} is there already.`);
  const source = openSync(path, 'r');
  const written: WrittenPart[] = [];
  try {
    for (const [at, tensors] of plan.entries()) {
      const part = writePart(source, header, { tensors, at, parts, target: targets[at] ?? '' });
      written.push(part);
      onPart?.(part);
    }
    writeSums(join(folder, `${base}.gguf.sha256`), written);
    return written;
  } catch (error) {
    for (const target of targets) rmSync(target, { force: true });
    throw error;
  } finally {
    closeSync(source);
  }
}

/** What the list said of other files, such as the whole one, stays. */
function writeSums(list: string, written: readonly WrittenPart[]): void {
  const names = written.map(({ path }) => basename(path));
  const before = existsSync(list) ? readFileSync(list, 'utf8').split('\n') : [];
  const others = before.filter((line) => line.trim() !== '' && !names.some((name) => line.endsWith(name)));
  const own = written.map(({ path, sha256 }) => `${sha256}  ${basename(path)}`);
  writeFileSync(list, `${[...others, ...own].join('\n')}\n`);
}

interface Part {
  readonly tensors: readonly GgufTensorInfo[];
  /** From 0. */
  readonly at: number;
  readonly parts: number;
  readonly target: string;
}

function writePart(source: number, header: GgufHeader, part: Part): WrittenPart {
  const unfinished = `${part.target}.part`;
  const file = openSync(unfinished, 'w');
  const hash = createHash('sha256');
  let bytes = 0;
  const write = (block: Buffer): void => {
    for (let done = 0; done < block.length;) done += writeSync(file, block, done);
    hash.update(block);
    bytes += block.length;
  };
  const pad = (): void => write(Buffer.alloc(padding(bytes, header.alignment)));
  try {
    write(headOf(source, header, part));
    pad();
    for (const { offset, bytes: length } of part.tensors) {
      copy(source, { from: header.dataFrom + offset, length }, write);
      pad();
    }
    fsyncSync(file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, part.target);
  return { path: part.target, bytes, sha256: hash.digest('hex') };
}

function headOf(source: number, header: GgufHeader, { tensors, at, parts }: Part): Buffer {
  const { metadata, alignment, version } = header;
  const own = [
    entry('split.no', types.u16, number16(at)),
    entry('split.count', types.u16, number16(parts)),
    entry('split.tensors.count', types.i32, number32(header.tensors.length)),
  ];
  // Every part is read by its own alignment; the first has it among its metadata.
  if (at > 0) own.push(entry('general.alignment', types.u32, number32(alignment)));
  const entries = own.length + (at === 0 ? metadata.entries : 0);
  const head = [Buffer.from('GGUF'), number32(version), number64(tensors.length), number64(entries)];
  if (at === 0) {
    const copied: Buffer[] = [];
    const length = metadata.to - metadata.from;
    copy(source, { from: metadata.from, length }, (block) => copied.push(Buffer.from(block)));
    head.push(...copied);
  }
  head.push(...own);
  let offset = 0;
  for (const tensor of tensors) {
    head.push(text(tensor.name), number32(tensor.shape.length), ...tensor.shape.map(number64));
    head.push(number32(tensor.type), number64(offset));
    offset += tensor.bytes + padding(tensor.bytes, alignment);
  }
  return Buffer.concat(head);
}

function copy(
  source: number,
  { from, length }: { readonly from: number; readonly length: number },
  write: (block: Buffer) => void,
): void {
  for (let done = 0; done < length;) {
    const block = Buffer.allocUnsafe(Math.min(blockBytes, length - done));
    const got = readSync(source, block, 0, block.length, from + done);
    if (got === 0) throw new ParleyError('config_invalid', 'It became shorter while it was read.');
    write(block.subarray(0, got));
    done += got;
  }
}

function padding(bytes: number, alignment: number): number {
  return (alignment - (bytes % alignment)) % alignment;
}

function entry(key: string, type: number, value: Buffer): Buffer {
  return Buffer.concat([text(key), number32(type), value]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([number64(bytes.length), bytes]);
}

function number16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function number64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
