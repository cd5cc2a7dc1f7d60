import type { FileProof } from '../loading/file-proofs.ts';
import { gpuLayersWithin } from '../memory/gpu-layers.ts';
import { memoryNeed } from '../memory/memory-need.ts';
import type { ModelDefinition } from './model-definition.ts';

/**
 * A definition with what its file decided: where it lies, how much context it was trained with where the document
 * names none, and how many of its layers graphics cards take where the document caps their memory.
 */
export function asFound(
  definition: ModelDefinition,
  { path, bytes, inspection }: FileProof,
  promptTokensPerStep: number,
): ModelDefinition {
  const found = { ...definition, path };
  if (inspection === undefined) return found;
  const { trainedContextTokens } = inspection;
  const isLess = definition.contextAtMost === true && trainedContextTokens > 0;
  const contextTokens = isLess
    ? Math.min(definition.contextTokens, trainedContextTokens)
    : definition.contextTokens;
  const { memoryBytes, ...gpu } = definition.gpu ?? {};
  if (memoryBytes === undefined) return { ...found, contextTokens };
  const plan = { contextTokens, slots: definition.slots };
  const need = memoryNeed(plan, bytes, inspection, promptTokensPerStep);
  const fitting = gpuLayersWithin(memoryBytes, inspection, need, plan) ?? 0;
  return { ...found, contextTokens, gpu: { ...gpu, layers: Math.min(fitting, gpu.layers ?? fitting) } };
}
