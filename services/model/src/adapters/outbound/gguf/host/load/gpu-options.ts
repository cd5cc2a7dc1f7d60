import { ParleyError } from '@parley/kernel';
import type { Llama, LlamaModelOptions } from 'node-llama-cpp';
import type { ModelSpec } from '../../../../../ports/engine.ts';
import { llamaCppVersion } from '../../llama-cpp-version.ts';

/**
 * What the library is told about graphics cards. Without one: nothing. Layers that a document names are taken as they
 * are; else as many as fit beside the context.
 */
export function gpuOptions(
  hasGpu: boolean,
  { gpu, contextTokens, slots }: Pick<ModelSpec, 'gpu' | 'contextTokens' | 'slots'>,
): Pick<LlamaModelOptions, 'gpuLayers'> {
  if (!hasGpu) return {};
  if (gpu?.layers !== undefined) return { gpuLayers: gpu.layers };
  return { gpuLayers: { fitContext: { contextSize: contextTokens * slots } } };
}

/**
 * The library shares a model out by whole layers, as the free memory of the cards is, and takes no other order.
 * @throws ParleyError `unsupported` for a document that wants it otherwise: silence would be a false promise.
 */
export function requireGpuSettings({ name, gpu }: Pick<ModelSpec, 'name' | 'gpu'>): void {
  const wanted = [
    ...(gpu?.split === 'row' ? ['split: row'] : []),
    ...(gpu?.tensorSplit === undefined ? [] : ['tensorSplit']),
  ];
  if (wanted.length === 0) return;
  const message =
    `Model "${name}" asks for ${wanted.join(' and ')} among graphics cards, which node-llama-cpp ${llamaCppVersion} cannot set: it ` +
    'shares out whole layers by the free memory of the cards. Leave it out; choose the cards with CUDA_VISIBLE_DEVICES; or ' +
    'run llama-server with --split-mode row --tensor-split 3,1 and describe it with engine: openai.';
  throw new ParleyError('unsupported', message, { retryable: false });
}

/**
 * Free bytes on all graphics cards; undefined where there is none with memory of its own: what lies on Apple's or an
 * integrated one takes the machine's.
 */
export async function freeCardBytes(llama: Llama): Promise<number | undefined> {
  if (llama.gpu !== 'cuda') return undefined;
  const { free } = await llama.getVramState();
  return free;
}

/** How full the graphics cards are, whoever fills them. */
export async function cardsOf(llama: Llama): Promise<{ usedBytes: number; totalBytes: number }> {
  const { used, total } = await llama.getVramState();
  return { usedBytes: used, totalBytes: total };
}
