import type { ModelShape } from './model-shape.ts';

/** Keys and values are kept at 16 bits. */
const bytesPerValue = 2;
const bytesPerNumber = 4;
/** llama.cpp rounds the context of a sequence up to a multiple of it. */
export const contextGrain = 256;
/** Room for the activations of a token, in values of the model's width; measured on SmolLM2 (23) and rounded up. */
const activationsPerWidth = 32;

/** Keys and values of one token: in layers that see everything, and in those that see a window. */
export function keptBytes({ layers, windowTokens }: Pick<ModelShape, 'layers' | 'windowTokens'>): {
  readonly kvBytesPerToken: number;
  readonly windowKvBytesPerToken: number;
  readonly windowTokens: number;
} {
  const sum = (windowed: boolean): number =>
    layers
      .filter((layer) => layer.windowed === windowed)
      .reduce((total, { keysAndValues }) => total + keysAndValues * bytesPerValue, 0);
  return { kvBytesPerToken: sum(false), windowKvBytesPerToken: sum(true), windowTokens };
}

/** Working memory for one token of a step: its logits above all, and what every expert at work makes of it. */
export function computeBytesPerToken({ vocabulary, width, feedForward, expertsUsed }: ModelShape): number {
  const experts = expertsUsed * (feedForward * 2 + width);
  return (vocabulary + width * activationsPerWidth + experts) * bytesPerNumber;
}
