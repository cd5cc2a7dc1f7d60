import type { WeightPrecision } from '../../../../ports/model-files.ts';

/** How each precision is written, the usual way first. */
const writtenAs: Readonly<Record<WeightPrecision, readonly string[]>> = {
  fp32: ['F32', 'FP32'],
  fp16: ['F16', 'FP16'],
  bf16: ['BF16'],
  int8: ['Q8_0', 'INT8'],
  int4: ['Q4_K_M', 'Q4_K_S', 'Q4_K', 'Q4_0', 'Q4_1', 'IQ4_NL', 'IQ4_XS', 'MXFP4', 'INT4', 'Q4'],
};

const others = ['Q2_K', 'Q3_K', 'Q5_K', 'Q6_K', 'Q5_0', 'Q5_1', 'Q6', 'Q5', 'Q3', 'Q2', 'IQ1', 'IQ2', 'IQ3'];

/** The precision of a kind of quantisation: `Q4_K_M` is int4; undefined for one between those that documents name. */
export function precisionOf(quantization: string): WeightPrecision | undefined {
  const names = Object.entries(writtenAs) as [WeightPrecision, readonly string[]][];
  return names.find(([, written]) => written.includes(quantization.toUpperCase()))?.[0];
}

/** What `parley models quantize` is asked for where a precision is wanted. */
export function quantizationFor(precision: WeightPrecision): string {
  return writtenAs[precision][0]?.toLowerCase() ?? '';
}

/**
 * The precision that a file's name tells, as most names do: `llama-7b.Q4_K_M.gguf`.
 * @returns 'other' for a name that tells one which no document can ask for; undefined for one that tells nothing
 */
export function precisionInName(name: string): WeightPrecision | 'other' | undefined {
  const words = name
    .toUpperCase()
    .replace(/\.GGUF$/, '')
    .split(/[^A-Z0-9_]+/);
  for (const word of words.toReversed()) {
    const precision = precisionOf(word);
    if (precision !== undefined) return precision;
    if (others.some((other) => word === other || word.startsWith(`${other}_`))) return 'other';
  }
  return undefined;
}
