import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ParleyError } from '@parley/kernel';
import { z } from 'zod';

/** What the header of a safetensors file says. */
export interface SafetensorsHeader {
  /** Names of tensors, and how many numbers each has. */
  readonly tensors: ReadonlyMap<string, number>;
}

const tensorSchema = z.object({
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const lengthBytes = 8;
/** The format's own bound. */
const maxHeaderBytes = 100_000_000;

/**
 * Reads the header of a safetensors file and compares it with the file's size.
 * @throws ParleyError `config_invalid` when it is cut off, or no such file.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const length = Buffer.alloc(lengthBytes);
  const { bytesRead } = await file.read(length, 0, lengthBytes, 0);
  const headerBytes = bytesRead < lengthBytes ? 0n : length.readBigUInt64LE();
  if (headerBytes < 2n || headerBytes > BigInt(Math.min(maxHeaderBytes, size - lengthBytes)))
    throw damaged(path, 'is no safetensors file, or is cut off');
  const text = Buffer.alloc(Number(headerBytes));
  await file.read(text, 0, text.length, lengthBytes);
  const tensors = new Map<string, number>();
  let end = 0;
  for (const [name, value] of Object.entries(headerOf(path, text))) {
    if (name === '__metadata__') continue;
    const parsed = tensorSchema.safeParse(value);
    if (!parsed.success) throw damaged(path, `says nothing of where its tensor ${name.slice(0, 100)} lies`);
    end = Math.max(end, parsed.data.data_offsets[1]);
    tensors.set(
      name,
      parsed.data.shape.reduce((product, count) => product * count, 1),
    );
  }
  const whole = lengthBytes + text.length + end;
  if (size < whole) throw damaged(path, `is cut off: it has ${size} of ${whole} bytes`);
  return { tensors };
}

function headerOf(path: string, text: Buffer): object {
  try {
    const header: unknown = JSON.parse(text.toString('utf8'));
    if (typeof header === 'object' && header !== null) return header;
  } catch {
    // Told below.
  }
  throw damaged(path, 'has a header that is no JSON');
}

function damaged(path: string, what: string): ParleyError {
  return new ParleyError('config_invalid', `The file ${basename(path)} ${what}. Fetch it again.`);
}
