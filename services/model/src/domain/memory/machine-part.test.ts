import { describe, expect, it } from 'vitest';
import { FakeEngine, fakeInspection } from '../../ports/fake-engine.ts';
import { FakeMachineMemory } from '../../ports/fake-machine-memory.ts';
import type { ModelInspection } from '../../ports/model-files.ts';
import { aModel, TestModels } from '../../../tests/support/test-models.ts';
import { machinePart } from './machine-part.ts';
import type { CardPlan } from './machine-part.ts';
import { memoryNeed } from './memory-need.ts';

const mebibyte = 1024 * 1024;

/** Ten layers of 100 MiB, an output of 50 MiB, 100 KiB of keys and values a token, 4 MiB of computing. */
const file: ModelInspection = {
  ...fakeInspection,
  layerBytes: [...Array.from({ length: 10 }, () => 100 * mebibyte), 50 * mebibyte],
  kvBytesPerToken: 100 * 1024,
  computeBytesPerToken: mebibyte / 33,
  fileBytes: 1050 * mebibyte,
};
/** 1000 MiB of keys and values: 100 MiB a layer. */
const plan = { contextTokens: 2560, slots: 4 };

/** MiB of weights, and of keys and values of all requests, in the machine's memory. */
function here(freeMib: number | undefined, of: CardPlan = plan, inspection = file): [number, number] {
  const need = memoryNeed(of, inspection.fileBytes, inspection, 128);
  const part = machinePart(need, inspection, freeMib && freeMib * mebibyte, of);
  const kvBytes = part.kvBytes(of.contextTokens) * of.slots;
  return [part.weightsBytes / mebibyte, Math.round(kvBytes / mebibyte)];
}

describe('the part of a model in the memory of the machine', () => {
  it('is all of it without graphics cards, and where nothing fits there', () => {
    expect(here(undefined)).toEqual([1050, 1000]);
    expect(here(10)).toEqual([1050, 1000]);
  });

  it('is what cards do not take: of the output and three layers the weights, of these layers the keys and values', () => {
    expect(here((4 + 50 + 3 * 200) / 0.9 + 1)).toEqual([700, 700]);
  });

  it('is nothing where all of it fits there', () => {
    expect(here(80_000)).toEqual([0, 0]);
  });

  it('grows where the document lets fewer layers go', () => {
    expect(here(80_000, { ...plan, gpu: { layers: 4 } })).toEqual([700, 700]);
    expect(here(80_000, { ...plan, gpu: { layers: 0 } })).toEqual([1050, 1000]);
  });

  it('is all of it where the file does not tell what its layers take', () => {
    const { layerBytes: _, ...silent } = file;
    expect(here(80_000, plan, silent)).toEqual([1050, 1000]);
  });

  it('is what a load must have free, be the model larger than the machine', async () => {
    const memory = new FakeMachineMemory();
    memory.bytes = () => 200 * mebibyte;
    const phaseWith = async (cardBytes: number | undefined): Promise<string> => {
      const engine = new FakeEngine();
      engine.cardBytes = cardBytes;
      engine.proofs.set('/weights/small', { ok: true, inspection: file });
      await using models = await TestModels.launch([aModel(plan)], { engine, memory });
      return models.phase('small');
    };
    expect(await phaseWith(undefined)).toBe('failed');
    expect(await phaseWith(1000 * mebibyte)).toBe('failed');
    expect(await phaseWith(80_000 * mebibyte)).toBe('ready');
  });
});
