import type { ModelInspection } from '../../ports/model-files.ts';
import { memoryNeed } from './memory-need.ts';

/** What one size of context takes, and how many requests at once this machine has room for with it. */
export interface ContextOption {
  /** Prompt and answer together, per request. */
  readonly contextTokens: number;
  /** Keys and values of one request. */
  readonly kvBytes: number;
  /** All that the model takes with one request at once. */
  readonly totalBytes: number;
  /** Requests at once that fit into the memory; 0 = not even one. */
  readonly fittingSlots: number;
}

/** What fits into a machine. */
export interface Room {
  /** Free for the model. */
  readonly bytes: number;
  readonly promptTokensPerStep: number;
}

const sizes = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576] as const;
/** llama.cpp has at most so many sequences in one context. */
const mostSlots = 256;

/** The usual sizes of context up to the one that the model was trained with, which is the last one. */
export function contextOptions(inspection: ModelInspection, room: Room): ContextOption[] {
  const { trainedContextTokens: trained } = inspection;
  const smaller = sizes.filter((tokens) => tokens < trained);
  const contexts = trained > 0 ? [...smaller, trained] : sizes.slice(0, 4);
  return contexts.map((contextTokens) => optionOf(inspection, room, contextTokens));
}

/** The most context that one request at once can have here; 0 = none. */
export function largestContext(inspection: ModelInspection, room: Room): number {
  const need = memoryNeed({ slots: 1 }, inspection.fileBytes, inspection, room.promptTokensPerStep);
  const tokens = need.fittingTokens(room.bytes - need.weightsBytes - need.computeBytes);
  const { trainedContextTokens: trained } = inspection;
  return trained > 0 ? Math.min(tokens, trained) : tokens;
}

function optionOf(inspection: ModelInspection, room: Room, contextTokens: number): ContextOption {
  const totalBytes = (slots: number): number => {
    const need = memoryNeed({ slots }, inspection.fileBytes, inspection, room.promptTokensPerStep);
    return need.weightsBytes + need.computeBytes + need.kvBytes(contextTokens) * slots;
  };
  let fittingSlots = 0;
  while (fittingSlots < mostSlots && totalBytes(fittingSlots + 1) <= room.bytes) fittingSlots++;
  const one = memoryNeed({ slots: 1 }, inspection.fileBytes, inspection, room.promptTokensPerStep);
  return { contextTokens, kvBytes: one.kvBytes(contextTokens), totalBytes: totalBytes(1), fittingSlots };
}
