import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { CipherGCM, DecipherGCM } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { KeptKeys } from './kept-keys.ts';

const algorithm = 'aes-256-gcm';
const magic = Buffer.from('PARLEYK1');
const nonceBytes = 12;
const tagBytes = 16;
const lengthBytes = 4;
/** Of the part that says what is in a file: the tokens of the longest context there is. */
const longestHead = 16 * 1024 * 1024;
/** Encrypted in a millisecond, so that answers go on meanwhile. */
const chunkBytes = 1024 * 1024;

/** A file that is not what it should be: of another secret, model or version, cut off, or changed. */
export class UnreadableFile extends Error {}

/** What stands at the beginning of a sealed file, and what is needed to open the rest. */
export interface SealedHead {
  readonly head: Buffer;
  readonly body: { readonly key: Buffer; readonly from: number; readonly bound: Buffer };
}

/**
 * Writes a file of two parts, each under AES-256-GCM: a head that can be opened by itself, and all bytes of `body`.
 * `bound` is authenticated with both; the body is bound to its head by the head's tag.
 */
export async function seal(
  target: FileHandle,
  { keys, bound }: { keys: KeptKeys; bound: string },
  head: Uint8Array,
  body: FileHandle,
): Promise<void> {
  const sealedHead = sealer(keys.sealing, Buffer.from(bound));
  const encrypted = Buffer.concat([sealedHead.cipher.update(head), sealedHead.cipher.final()]);
  const headTag = sealedHead.cipher.getAuthTag();
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(encrypted.length);
  const { cipher, nonce } = sealer(keys.sealing, Buffer.concat([Buffer.from(bound), headTag]));
  await target.write(Buffer.concat([magic, length, sealedHead.nonce, encrypted, headTag, nonce]));
  for await (const chunk of chunksOf(body, 0, (await body.stat()).size))
    await target.write(cipher.update(chunk));
  await target.write(Buffer.concat([cipher.final(), cipher.getAuthTag()]));
}

/** @throws UnreadableFile */
export async function openHead(
  file: FileHandle,
  { keys, bound }: { keys: KeptKeys; bound: string },
): Promise<SealedHead> {
  const start = await exactly(file, 0, magic.length + lengthBytes + nonceBytes);
  if (!start.subarray(0, magic.length).equals(magic)) throw new UnreadableFile('It is no such file.');
  const length = start.readUInt32LE(magic.length);
  if (length > longestHead) throw new UnreadableFile('Its beginning is too long.');
  const nonce = start.subarray(magic.length + lengthBytes);
  const rest = await exactly(file, start.length, length + tagBytes);
  const tag = rest.subarray(length);
  for (const key of keys.opening) {
    const head = opened(opener(key, nonce, Buffer.from(bound), tag), rest.subarray(0, length));
    if (head === undefined) continue;
    const from = start.length + rest.length;
    return { head, body: { key, from, bound: Buffer.concat([Buffer.from(bound), tag]) } };
  }
  throw new UnreadableFile('It is of another secret or model, or was changed.');
}

/** Writes a body in the clear; what was written counts only if this does not throw. @throws UnreadableFile */
export async function openBody(
  file: FileHandle,
  { key, from, bound }: SealedHead['body'],
  target: FileHandle,
): Promise<number> {
  const { size } = await file.stat();
  const begin = from + nonceBytes;
  const end = size - tagBytes;
  if (end < begin) throw new UnreadableFile('It is cut off.');
  const nonce = await exactly(file, from, nonceBytes);
  const decipher = opener(key, nonce, bound, await exactly(file, end, tagBytes));
  let at = 0;
  for await (const chunk of chunksOf(file, begin, end)) {
    const plain = decipher.update(chunk);
    await target.write(plain, 0, plain.length, at);
    at += plain.length;
  }
  try {
    decipher.final();
  } catch {
    throw new UnreadableFile('It is cut off or was changed.');
  }
  return at;
}

function sealer(key: Buffer, bound: Buffer): { readonly cipher: CipherGCM; readonly nonce: Buffer } {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(bound);
  return { cipher, nonce };
}

function opener(key: Buffer, nonce: Buffer, bound: Buffer, tag: Buffer): DecipherGCM {
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  return decipher.setAAD(bound).setAuthTag(tag);
}

function opened(decipher: DecipherGCM, encrypted: Buffer): Buffer | undefined {
  const plain = decipher.update(encrypted);
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return undefined;
  }
}

async function* chunksOf(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; at += chunkBytes) yield await exactly(file, at, Math.min(chunkBytes, to - at));
}

async function exactly(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw new UnreadableFile('It is cut off.');
  return buffer;
}
