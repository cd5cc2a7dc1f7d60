import { ParleyError } from '@parley/kernel';
import { getLlama, NoBinaryFoundError } from 'node-llama-cpp';
import type { Llama, LlamaOptions } from 'node-llama-cpp';
import type { GpuChoice } from '../../host-protocol.ts';

const gpus = { auto: 'auto', cpu: false, cuda: 'cuda' } as const;

const noCuda =
  'PARLEY_MODEL_GPU is cuda, but no build of the engine for CUDA works here. It takes an NVIDIA card with its driver, ' +
  'the package @node-llama-cpp/linux-x64-cuda and the CUDA 13 libraries libcudart.so.13 and libcublas.so.13 (for ' +
  'CUDA 12 also @node-llama-cpp/linux-x64-cuda-ext and libcudart.so.12, libcublas.so.12). PARLEY_MODEL_GPU=auto takes ' +
  'the processor where that is missing.';

/**
 * Loads the native engine of this package, with a graphics card or without.
 * @throws ParleyError `config_invalid` that says what is missing when CUDA is wanted and cannot be had.
 */
export async function openLlama(
  gpu: GpuChoice,
  options: Pick<LlamaOptions, 'maxThreads' | 'logLevel' | 'logger'>,
): Promise<Llama> {
  try {
    return await getLlama({
      ...options,
      gpu: gpus[gpu],
      build: 'never',
      skipDownload: true,
      progressLogs: false,
    });
  } catch (error) {
    if (gpu !== 'cuda' || !(error instanceof NoBinaryFoundError)) throw error;
    throw new ParleyError('config_invalid', noCuda, { cause: error, retryable: false });
  }
}
