import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GgufEngine } from '../src/adapters/outbound/gguf/gguf-engine.ts';
import { engineEnvironment } from '../src/config.ts';
import { bundledSpec } from './support/bundled-model.ts';

const { signal } = new AbortController();
const hasCard = existsSync('/dev/nvidiactl');

function engine(gpu: 'auto' | 'cuda'): GgufEngine {
  return new GgufEngine({ threads: 1, gpu, environment: engineEnvironment(1), onLog: () => undefined });
}

describe.skipIf(hasCard)(
  `a machine without a graphics card${hasCard ? ' (skipped: there is one)' : ''}`,
  () => {
    it('that is to use CUDA says what is missing, and that another try changes nothing', async () => {
      await using cuda = engine('cuda');
      await expect(cuda.load(bundledSpec(), { signal })).rejects.toMatchObject({
        code: 'config_invalid',
        retryable: false,
        message: expect.stringMatching(/PARLEY_MODEL_GPU is cuda.*NVIDIA.*linux-x64-cuda.*libcudart\.so\.13/),
      });
    });

    it('takes the processor where either will do, tells nothing of a card, and makes no promise of several', async () => {
      await using auto = engine('auto');
      // What a document caps for graphics cards is of no account here.
      const model = await auto.load(bundledSpec({ proven: true, gpu: { layers: 3 } }), { signal });
      const memory = await model.memory();
      expect(memory.device).toBe('cpu');
      expect(memory).not.toHaveProperty('gpu');
      await model[Symbol.asyncDispose]();
      // What the engine cannot do with several cards is refused, rather than passed over.
      const spec = bundledSpec({ proven: true, gpu: { split: 'row', tensorSplit: [3, 1] } });
      await expect(auto.load(spec, { signal })).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(/split: row and tensorSplit.*CUDA_VISIBLE_DEVICES.*engine: openai/),
      });
    });
  },
);
