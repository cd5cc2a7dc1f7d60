import type { ModelInspection } from '../../ports/model-files.ts';
import type { ContextPlan, MemoryNeed } from './memory-need.ts';

/**
 * How many layers, counted from the last, graphics cards take within so many bytes: weights, keys and values of these
 * layers, and the room for computing. By estimate from the file; the output counts as one more layer and goes first.
 * @returns 0 when not even one fits; undefined when the file does not tell what its layers take.
 */
export function gpuLayersWithin(
  memoryBytes: number,
  inspection: ModelInspection,
  need: MemoryNeed,
  { contextTokens, slots }: ContextPlan,
): number | undefined {
  const { layerBytes = [] } = inspection;
  const layers = layerBytes.length - 1;
  if (layers < 1) return undefined;
  const kvBytes = (need.kvBytes(contextTokens) * slots) / layers;
  let left = memoryBytes - need.computeBytes;
  let fitting = 0;
  for (const [at, bytes] of layerBytes.toReversed().entries()) {
    left -= bytes + (at === 0 ? 0 : kvBytes);
    if (left < 0) break;
    fitting = at + 1;
  }
  return fitting;
}
