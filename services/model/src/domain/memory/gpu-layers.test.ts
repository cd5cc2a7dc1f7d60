import { describe, expect, it } from 'vitest';
import type { ModelInspection } from '../../ports/model-files.ts';
import { FakeEngine, fakeInspection } from '../../ports/fake-engine.ts';
import { aModel, TestModels } from '../../../tests/support/test-models.ts';
import { gpuLayersWithin } from './gpu-layers.ts';
import { memoryNeed } from './memory-need.ts';

const mebibyte = 1024 * 1024;

/** A 7B in f16 as its file tells it: 32 layers of 386 MiB, an output of 250 MiB, 512 KiB of keys and values a token. */
const large: ModelInspection = {
  ...fakeInspection,
  layerBytes: [...Array.from({ length: 32 }, () => 386 * mebibyte), 250 * mebibyte],
  kvBytesPerToken: 512 * 1024,
  computeBytesPerToken: 0.25 * mebibyte,
  fileBytes: 12_850 * mebibyte,
};
const plan = { contextTokens: 1024, slots: 4 };

function layersWithin(mib: number, inspection = large): number | undefined {
  const need = memoryNeed(plan, inspection.fileBytes, inspection, 128);
  return gpuLayersWithin(mib * mebibyte, inspection, need, plan);
}

describe('layers on graphics cards under a cap of memory', () => {
  it('are as many as fit with their keys and values, beside the room for computing', () => {
    // 33 MiB of computing, the output first, then 386 + 64 MiB a layer.
    expect(layersWithin(33 + 250 - 1)).toBe(0);
    expect(layersWithin(33 + 250)).toBe(1);
    expect(layersWithin(33 + 250 + 450)).toBe(2);
    expect(layersWithin(8192)).toBe(1 + Math.floor((8192 - 283) / 450));
    expect(layersWithin(80_000)).toBe(33);
  });

  it('are not known where the file does not tell what its layers take', () => {
    const { layerBytes: _, ...silent } = large;
    expect(layersWithin(8192, silent)).toBeUndefined();
  });

  it('are what the engine is told, with the split of several cards', async () => {
    const engine = new FakeEngine();
    engine.proofs.set('/weights/small', { ok: true, inspection: large });
    const gpu = { memoryBytes: 8192 * mebibyte, split: 'row', tensorSplit: [3, 1] } as const;
    await using models = await TestModels.launch([aModel({ ...plan, gpu })], { engine });
    expect(models.phase('small')).toBe('ready');
    expect(engine.loads[0]?.gpu).toEqual({ layers: 18, split: 'row', tensorSplit: [3, 1] });
  });

  it('that a document names hold, unless the cap takes fewer', async () => {
    const engine = new FakeEngine();
    engine.proofs.set('/weights/small', { ok: true, inspection: large });
    const told = async (layers: number): Promise<number | undefined> => {
      const gpu = { memoryBytes: 8192 * mebibyte, layers };
      await using _ = await TestModels.launch([aModel({ ...plan, gpu })], { engine });
      return engine.loads.at(-1)?.gpu?.layers;
    };
    expect(await told(5)).toBe(5);
    expect(await told(32)).toBe(18);
  });
});
