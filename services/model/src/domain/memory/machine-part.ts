import type { GpuSettings, ModelInspection } from '../../ports/model-files.ts';
import { gpuLayersWithin } from './gpu-layers.ts';
import type { ContextPlan, MemoryNeed } from './memory-need.ts';

/** Of what cards have free; the rest is for what their driver and the engine take there. */
const usableShare = 0.9;

/** Where a model is to lie. */
export interface CardPlan extends ContextPlan {
  readonly gpu?: Pick<GpuSettings, 'layers'>;
}

/**
 * What a model takes of the machine's own memory where graphics cards hold some of its layers, by estimate from the file.
 * Room for computing is counted here and there.
 * @param freeBytes on all cards together; undefined: there are none
 * @returns all of it where there are no cards, or where the file does not tell what its layers take.
 */
export function machinePart(
  need: MemoryNeed,
  inspection: ModelInspection | undefined,
  freeBytes: number | undefined,
  plan: CardPlan,
): MemoryNeed {
  const { layerBytes } = inspection ?? {};
  if (freeBytes === undefined || inspection === undefined || layerBytes === undefined) return need;
  const fitting = gpuLayersWithin(freeBytes * usableShare, inspection, need, plan) ?? 0;
  const there = Math.min(fitting, plan.gpu?.layers ?? fitting);
  if (there === 0) return need;
  const here = layerBytes.slice(0, layerBytes.length - there);
  const thereBytes = layerBytes.slice(here.length).reduce((sum, bytes) => sum + bytes, 0);
  // The output, which goes first, has neither keys nor values.
  const kvShare = Math.min(here.length, layerBytes.length - 1) / (layerBytes.length - 1);
  return {
    weightsBytes: Math.max(0, need.weightsBytes - thereBytes),
    computeBytes: need.computeBytes,
    kvBytes: (tokens) => need.kvBytes(tokens) * kvShare,
    fittingTokens: (bytes) => (kvShare === 0 ? 0 : need.fittingTokens(bytes / kvShare)),
  };
}
