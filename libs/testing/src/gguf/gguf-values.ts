/** A value of a GGUF file's metadata, with the type it has in the file: `u32(4)`, `text('llama')`. */
export interface GgufValue {
  /** As the format numbers its types. */
  readonly type: number;
  readonly bytes: Buffer;
}

const types = { u8: 0, u16: 2, u32: 4, i32: 5, f32: 6, flag: 7, text: 8, list: 9, u64: 10 } as const;

function numberValue(type: number, size: number, write: (bytes: Buffer) => void): GgufValue {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return { type, bytes };
}

/** An unsigned number of 16 bits. */
export function u16(value: number): GgufValue {
  return numberValue(types.u16, 2, (bytes) => bytes.writeUInt16LE(value));
}

/** An unsigned number of 32 bits. */
export function u32(value: number): GgufValue {
  return numberValue(types.u32, 4, (bytes) => bytes.writeUInt32LE(value));
}

/** A signed number of 32 bits. */
export function i32(value: number): GgufValue {
  return numberValue(types.i32, 4, (bytes) => bytes.writeInt32LE(value));
}

/** An unsigned number of 64 bits. */
export function u64(value: number): GgufValue {
  return numberValue(types.u64, 8, (bytes) => bytes.writeBigUInt64LE(BigInt(value)));
}

/** A number of 32 bits with a point. */
export function f32(value: number): GgufValue {
  return numberValue(types.f32, 4, (bytes) => bytes.writeFloatLE(value));
}

/** True or false. */
export function flag(value: boolean): GgufValue {
  return { type: types.flag, bytes: Buffer.from([value ? 1 : 0]) };
}

/** A text. */
export function text(value: string): GgufValue {
  return { type: types.text, bytes: textBytes(value) };
}

/** A list of values of one type: `list(tokens.map(text))`. @throws Error when it is empty: a list names its type. */
export function list(values: readonly GgufValue[]): GgufValue {
  const [first] = values;
  if (first === undefined) throw new Error('A list of a GGUF file has at least one value.');
  const head = Buffer.concat([u32(first.type).bytes, u64(values.length).bytes]);
  return { type: types.list, bytes: Buffer.concat([head, ...values.map(({ bytes }) => bytes)]) };
}

/** A text as the format writes it everywhere: its length, then its bytes. */
export function textBytes(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length).bytes, bytes]);
}
