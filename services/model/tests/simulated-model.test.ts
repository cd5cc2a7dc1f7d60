import { readdir } from 'node:fs/promises';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heard } from './support/heard.ts';
import { hostPids } from './support/host-pid.ts';
import { simulatedConfigDir } from './support/real-model.ts';
import { RunningModelService } from './support/running-service.ts';

describe('a simulated model', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;
  let digest = '';

  beforeAll(async () => {
    folder = await temporaryFolder();
    service = await RunningModelService.start(folder.path, simulatedConfigDir);
    const { model } = await eventually(() => service.resolve());
    digest = model?.digest ?? '';
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it('needs neither weights nor a process of its own', async () => {
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await hostPids()).toEqual([]);
    expect(await readdir(folder.path)).not.toContain('model-digests.json');
  });

  it('gives the same answer to the same request, within its limits', async () => {
    const sampling = { seed: 7, logitBias: {} };
    const first = await heard(service.generate(digest, 'Hi', { sampling }));
    expect(first.text).toMatch(/^This is a simulated answer\./);
    expect(first.finished).toMatchObject({ usage: { outputTokens: 12 } });
    expect((await heard(service.generate(digest, 'Hi', { sampling }))).text).toBe(first.text);
    expect((await heard(service.generate(digest, 'Ho', { sampling }))).text).not.toBe(first.text);
    const short = await heard(service.generate(digest, 'Hi', { sampling, maxOutputTokens: 3 }));
    expect(short.text).toBe('This is a');
  });

  it('refuses what it cannot do', async () => {
    const format = { form: { $case: 'jsonObject', jsonObject: {} } } as const;
    await expect(heard(service.generate(digest, 'Hi', { format }))).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('makes vectors of length 1, near each other where texts share words', async () => {
    const texts = ['the quiet river', 'a quiet river', 'market bridge'];
    const { model, embeddings, inputTokens } = await service.embed(texts);
    expect(model?.digest).toBe(digest);
    expect(inputTokens).toBe(8);
    const [one = [], two = [], three = []] = embeddings.map(({ values }) => values);
    const product = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    for (const vector of [one, two, three]) expect(product(vector, vector)).toBeCloseTo(1, 5);
    expect(product(one, two)).toBeGreaterThan(product(one, three));
    await expect(service.embed([])).rejects.toMatchObject({ code: 'invalid_request', param: 'texts' });
    await expect(service.embed(['a', ''])).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'texts[1]',
    });
  });

  it('is named where a model of another engine is asked for vectors', async () => {
    await expect(service.embed(['a'], 'unloaded-gguf')).rejects.toMatchObject({
      code: 'unsupported',
      param: 'model',
      // Whether onnx is among them depends on what was installed beside Parley.
      message: expect.stringMatching(
        /^Model "unloaded-gguf" makes no embeddings: its engine "gguf" cannot. Engines that can: (onnx, )?openai, simulated.$/,
      ),
    });
  });
});
