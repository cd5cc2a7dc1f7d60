import { z } from 'zod';
import { TokenPrefix } from '../host/prefix/token-prefix.ts';
import { UnreadableFile } from './sealed-file.ts';

const lengthBytes = 4;
const bytesPerToken = 4;

const scopeSchema = z.strictObject({
  own: z.string(),
  shared: z.string(),
  sharedTokens: z.int().nonnegative(),
});

/** Whose a sequence is, and its tokens: the length of the scope's JSON, the JSON, 32 bits for each token. */
export function packHead({ scope, tokens }: TokenPrefix): Uint8Array {
  const { own, shared, sharedTokens } = scope;
  const text = Buffer.from(JSON.stringify({ own, shared, sharedTokens }));
  const packed = Buffer.alloc(lengthBytes + text.length + tokens.length * bytesPerToken);
  packed.writeUInt32LE(text.length);
  text.copy(packed, lengthBytes);
  for (const [index, token] of tokens.entries())
    packed.writeUInt32LE(token, lengthBytes + text.length + index * bytesPerToken);
  return packed;
}

/** @throws UnreadableFile */
export function unpackHead(packed: Buffer): TokenPrefix {
  const begin = lengthBytes + (packed.length < lengthBytes ? 0 : packed.readUInt32LE());
  if (begin > packed.length) throw new UnreadableFile('Its beginning is cut off.');
  const scope = scopeSchema.parse(JSON.parse(packed.toString('utf8', lengthBytes, begin)));
  const count = Math.floor((packed.length - begin) / bytesPerToken);
  const tokens = Uint32Array.from({ length: count }, (_, index) =>
    packed.readUInt32LE(begin + index * bytesPerToken),
  );
  return TokenPrefix.of(scope, tokens);
}
