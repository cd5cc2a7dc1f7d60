import { join } from 'node:path';
import { temporaryFolder, writeGguf } from '@parley/testing';
import type { GgufFile, TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectFiles } from '../src/adapters/outbound/gguf/file/inspect-files.ts';
import { memoryNeed } from '../src/domain/memory/memory-need.ts';
import type { ModelSpec } from '../src/ports/engine.ts';
import { mixtureOfExperts, slidingWindow, unknownArchitecture } from './support/generated-models.ts';
import { ask, RunningEngine } from './support/running-engine.ts';

const { signal } = new AbortController();
const plan = { contextTokens: 4096, slots: 4, promptTokensPerStep: 128 };

describe('a model of random weights', () => {
  const running = new RunningEngine();
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function written(name: string, file: GgufFile): Promise<ModelSpec> {
    const path = join(folder.path, `${name}.gguf`);
    await writeGguf(path, file);
    return running.spec({ name, path, ...plan });
  }

  it.each([
    ['a mixture of experts', mixtureOfExperts(1)],
    ['layers that see a window only', slidingWindow(2)],
  ])('with %s loads, answers, and takes what was estimated', async (name, file) => {
    const spec = await written(name.replaceAll(' ', '-'), file);
    const model = await running.load(spec);
    const heard = await running.answer(ask('Hello there', { maxOutputTokens: 6 }));
    expect(heard.finished).toMatchObject({ outputTokens: heard.tokenIds.length });
    const inspection = inspectFiles([spec.path]);
    const need = memoryNeed(plan, inspection.fileBytes, inspection, plan.promptTokensPerStep);
    const kvBytes = need.kvBytes(plan.contextTokens) * plan.slots;
    const estimated = need.weightsBytes + need.computeBytes + kvBytes;
    const memory = await model.memory();
    const taken = memory.weightsBytes + memory.kvBytes + memory.computeBytes;
    expect(Math.abs(estimated / taken - 1)).toBeLessThan(0.1);
    await model[Symbol.asyncDispose]();
  });

  it('of an architecture that the engine does not know is refused with its name', async () => {
    const spec = await written('martian', unknownArchitecture(3));
    await expect(running.engine.load(spec, { signal })).rejects.toMatchObject({
      code: 'engine_failed',
      retryable: false,
      message: expect.stringMatching(/martian\.gguf: .*unknown model architecture: 'martian'/),
    });
  });
});
