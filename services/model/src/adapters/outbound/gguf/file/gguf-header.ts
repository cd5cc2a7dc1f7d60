import { ParleyError } from '@parley/kernel';
import { FileCursor } from './file-cursor.ts';

/** A list of the metadata; its values only where they are few numbers, such as one for each layer. */
interface GgufList {
  readonly length: number;
  readonly numbers: readonly number[] | undefined;
}

type GgufValue = string | number | boolean | GgufList;

/** Where a tensor lies and what it is. */
export interface GgufTensorInfo {
  readonly name: string;
  /** The length of a row first. */
  readonly shape: readonly number[];
  /** As ggml numbers its types. */
  readonly type: number;
  /** From the beginning of the data. */
  readonly offset: number;
  /** Up to the next tensor, padding included. */
  readonly bytes: number;
}

/** What a GGUF file says about itself. */
export interface GgufHeader {
  readonly version: number;
  readonly alignment: number;
  readonly values: ReadonlyMap<string, GgufValue>;
  /** In the order of the file. */
  readonly tensors: readonly GgufTensorInfo[];
  /** Where the metadata lies, in bytes from the beginning of the file. */
  readonly metadata: { readonly entries: number; readonly from: number; readonly to: number };
  /** Where the table of tensors ends; the data begins at the next multiple of the alignment. */
  readonly tensorsTo: number;
  readonly dataFrom: number;
  readonly fileBytes: number;
}

const defaultAlignment = 32;
/** Far more than any model has; what says more is damaged or was made to harm. */
const mostEntries = 65_536;
const mostTensors = 1_000_000;
const mostTextBytes = 16 * 1024 ** 2;
/** A list of numbers up to this length is kept: one for each layer. */
const keptNumbers = 4096;
const types = { text: 8, list: 9 } as const;
/** Bytes of a value by the number of its type; a list of texts or lists has no size. */
const sizes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  8: 8,
  10: 8,
  11: 8,
  12: 8,
};

/**
 * Reads what a GGUF file says about itself, and nothing of its weights. Blocks while it reads: not for a service's
 * own process.
 * @throws ParleyError `config_invalid` that ends a sentence about the file; the system's error when it cannot be read.
 */
export function readGgufHeader(path: string): GgufHeader {
  using cursor = new FileCursor(path);
  const magic = cursor.left < 4 ? '' : cursor.take(4).toString('latin1');
  if (magic !== 'GGUF') throw refused('it does not begin with the magic GGUF');
  const version = cursor.u32();
  if (version !== 2 && version !== 3)
    throw refused(`its version is ${version}; versions 2 and 3 can be read`);
  const tensorCount = counted(cursor.u64(), mostTensors, 'tensors');
  const entries = counted(cursor.u64(), mostEntries, 'metadata entries');
  const from = cursor.at;
  const values = new Map<string, GgufValue>();
  for (let entry = 0; entry < entries; entry++) values.set(textAt(cursor), valueAt(cursor, cursor.u32()));
  const to = cursor.at;
  const written = values.get('general.alignment') ?? defaultAlignment;
  if (typeof written !== 'number' || written < 8 || written > 65_536 || written % 8 !== 0) {
    throw refused(`its alignment ${JSON.stringify(written)} is none`);
  }
  const places = Array.from({ length: tensorCount }, () => tensorAt(cursor));
  const tensorsTo = cursor.at;
  const dataFrom = Math.ceil(tensorsTo / written) * written;
  const tensors = measured(places, cursor.fileBytes - dataFrom);
  return {
    version,
    alignment: written,
    values,
    tensors,
    metadata: { entries, from, to },
    tensorsTo,
    dataFrom,
    fileBytes: cursor.fileBytes,
  };
}

function textAt(cursor: FileCursor): string {
  const bytes = cursor.u64();
  if (bytes > mostTextBytes) throw refused(`it has a text of ${bytes} bytes in its header`);
  return cursor.take(bytes).toString('utf8');
}

function valueAt(cursor: FileCursor, type: number): GgufValue {
  if (type === types.text) return textAt(cursor);
  if (type === types.list) return listAt(cursor);
  return numberAt(cursor, type);
}

function numberAt(cursor: FileCursor, type: number): number | boolean {
  const size = sizes[type];
  if (size === undefined) throw refused(`it has a value of the unknown type ${type} in its metadata`);
  const bytes = cursor.take(size);
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7:
      return bytes.readUInt8() !== 0;
    case 10:
      return Number(bytes.readBigUInt64LE());
    case 11:
      return Number(bytes.readBigInt64LE());
    default:
      return bytes.readDoubleLE();
  }
}

function listAt(cursor: FileCursor): GgufList {
  const type = cursor.u32();
  const length = cursor.u64();
  // A text takes the eight bytes of its length at least.
  const size = type === types.text ? 8 : sizes[type];
  if (size === undefined) throw refused(`it has a list of values of the unknown type ${type}`);
  if (length * size > cursor.left)
    throw refused(`it has a list of ${length} values, more than the file holds`);
  if (type === types.text) {
    for (let text = 0; text < length; text++) cursor.skip(cursor.u64());
    return { length, numbers: undefined };
  }
  if (length > keptNumbers) {
    cursor.skip(length * size);
    return { length, numbers: undefined };
  }
  return { length, numbers: Array.from({ length }, () => Number(numberAt(cursor, type))) };
}

function tensorAt(cursor: FileCursor): Omit<GgufTensorInfo, 'bytes'> {
  const name = textAt(cursor);
  const dimensions = cursor.u32();
  if (dimensions > 8)
    throw refused(`its tensor ${JSON.stringify(name.slice(0, 64))} has ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => cursor.u64());
  return { name, shape, type: cursor.u32(), offset: cursor.u64() };
}

/** @throws ParleyError when one lies beyond the end of the file: it was cut off. */
function measured(tensors: readonly Omit<GgufTensorInfo, 'bytes'>[], dataBytes: number): GgufTensorInfo[] {
  const order = tensors.toSorted((one, other) => one.offset - other.offset);
  const ends = new Map(order.map(({ offset }, at) => [offset, order[at + 1]?.offset ?? dataBytes]));
  return tensors.map((tensor) => {
    if (tensor.offset >= dataBytes && count(tensor.shape) > 0) {
      throw refused(
        `it is incomplete: its tensor ${JSON.stringify(tensor.name)} lies beyond the end of the file`,
      );
    }
    return { ...tensor, bytes: Math.max(0, (ends.get(tensor.offset) ?? dataBytes) - tensor.offset) };
  });
}

/** The numbers that a tensor of this shape has. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function counted(value: number, most: number, what: string): number {
  if (value <= most) return value;
  throw refused(`it says that it has ${value} ${what}, more than any model`);
}

function refused(why: string): ParleyError {
  return new ParleyError('config_invalid', why);
}
