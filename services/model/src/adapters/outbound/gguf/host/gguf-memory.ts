import type { GgufFileInfo } from 'node-llama-cpp';

type Architecture = GgufFileInfo['architectureMetadata'];

/** Keys and values are kept at 16 bits. */
const bytesPerValue = 2;
const bytesPerLogit = 4;
/** Room for the activations of a token, in values of the model's width; measured on SmolLM2 (23) and rounded up. */
const activationsPerWidth = 32 * 4;

/** Keys and values of one token in all layers; 0 when the file does not tell. */
export function kvBytesPerToken({
  block_count: layers,
  attention,
  embedding_length: width,
}: Architecture): number {
  const heads = attention?.head_count;
  const kvHeads = attention?.head_count_kv ?? heads;
  if (typeof heads !== 'number' || heads < 1 || width === undefined || layers === undefined) return 0;
  const keyLength = attention?.key_length ?? width / heads;
  const valueLength = attention?.value_length ?? width / heads;
  // Some architectures have another number in every layer.
  const allKvHeads = typeof kvHeads === 'number' ? kvHeads * layers : sum(kvHeads ?? []);
  return allKvHeads * (keyLength + valueLength) * bytesPerValue;
}

/** Working memory for one token of a step: its logits above all. */
export function computeBytesPerToken(
  { embedding_length: width = 0 }: Architecture,
  vocabularySize: number,
): number {
  return vocabularySize * bytesPerLogit + width * activationsPerWidth;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
