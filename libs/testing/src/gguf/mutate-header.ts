/** Numbers that a reader of files is least ready for. */
const hostileNumbers = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff, 1000, 65_536];
const mostChanges = 3;

/**
 * A copy of a GGUF file whose header is damaged in one to three places: bytes turned over, numbers replaced by hostile
 * ones, pieces copied over others, or the end cut off.
 * @param headerBytes up to the weights, which stay as they are
 * @param seed the same gives the same copy
 */
export function mutateHeader(sound: Buffer, headerBytes: number, seed: number): Buffer {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  let bytes = Buffer.from(sound);
  const changes = 1 + below(mostChanges);
  for (let change = 0; change < changes; change++) {
    // The first bytes say that it is GGUF at all; most of the damage comes after them.
    const at = 4 + below(headerBytes - 12);
    const kind = below(10);
    if (kind < 4) bytes[at] = below(256);
    else if (kind < 7) bytes.writeUInt32LE(hostileNumbers[below(hostileNumbers.length)] ?? 0, at);
    else if (kind < 9) bytes.copy(bytes, at, 4 + below(headerBytes - 12), headerBytes);
    else bytes = bytes.subarray(0, at + below(bytes.length - at));
    if (bytes.length <= headerBytes) break;
  }
  return bytes;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
