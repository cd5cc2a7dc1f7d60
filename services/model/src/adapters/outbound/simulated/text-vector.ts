import { hashOf } from './random.ts';

const dimensions = 64;

/** A vector of length 1 that follows from the words of a text: texts that share words lie near each other. */
export function textVector(text: string): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    const hash = hashOf(word);
    const place = hash % dimensions;
    vector[place] = (vector[place] ?? 0) + (hash & 0x80000000 ? -1 : 1);
  }
  // A text without words, or whose words cancel each other out, still has a direction.
  if (!vector.some((value) => value !== 0)) vector[hashOf(text) % dimensions] = 1;
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
