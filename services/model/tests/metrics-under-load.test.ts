import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledModelFile } from './support/bundled-model.ts';
import { heard } from './support/heard.ts';
import { RunningModelService } from './support/running-service.ts';

const document = `apiVersion: parley/v1
kind: Model
metadata: { name: tiny, version: 1.0.0 }
spec:
  path: ${bundledModelFile}
  aliases: [default]
  context: { tokens: 512, slots: 2 }
  queue: { maxRequests: 2 }
`;

const endless = { sampling: { temperature: 0, logitBias: { 0: -100, 2: -100 } }, maxOutputTokens: 300 };

describe('the metrics of a busy model', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;
  let digest = '';
  const model = { model: 'tiny' };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder.path, 'config/models'), { recursive: true });
    await writeFile(join(folder.path, 'config/models/tiny.yaml'), document);
    service = await RunningModelService.start(folder.path, join(folder.path, 'config'));
    digest = (await eventually(() => service.resolve(), { timeoutMs: 50_000 })).model?.digest ?? '';
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it('tell how full it is, how large its batches are, and what its memory holds', async () => {
    const leaving = new AbortController();
    const answers = Array.from({ length: 5 }, (_, index) =>
      heard(service.generate(digest, `Hello ${index}`, endless, leaving.signal)),
    );
    const settled = Promise.allSettled(answers);
    await eventually(async () => {
      expect(await service.metric('parley_model_slots', { ...model, state: 'busy' })).toBe(2);
      expect(await service.metric('parley_model_slots', { ...model, state: 'free' })).toBe(0);
      expect(await service.metric('parley_model_queue_length', model)).toBe(2);
      // Some steps had both answers in them.
      const steps = (await service.metric('parley_model_batch_size_count')) ?? 0;
      expect(await service.metric('parley_model_batch_size_sum')).toBeGreaterThan(steps);
    });
    for (const kind of ['weights', 'kv', 'compute'])
      expect(
        await service.metric('parley_model_memory_bytes', { ...model, device: 'cpu', kind }),
      ).toBeGreaterThan(0);
    leaving.abort();
    const codes = (await settled).map((end) =>
      end.status === 'rejected' ? (end.reason as { code: string }).code : '',
    );
    expect(codes.filter((code) => code === 'overloaded')).toHaveLength(1);
    await eventually(async () => {
      expect(await service.metric('parley_model_slots', { ...model, state: 'free' })).toBe(2);
      expect(await service.metric('parley_model_queue_length', model)).toBe(0);
    });
  });

  it('count the tokens of prompts that were not read again, as usage tells them', async () => {
    const scope = { cacheScope: 'talk', maxOutputTokens: 4 };
    const before = (await service.metric('parley_model_kv_reused_tokens_total', model)) ?? 0;
    const first = await heard(service.generate(digest, 'Tell me of the sea.', scope));
    const second = await heard(service.generate(digest, 'Tell me of the sea.', scope));
    expect(first.finished?.usage?.cachedInputTokens).toBe(0);
    const { inputTokens = 0, cachedInputTokens = 0 } = second.finished?.usage ?? {};
    expect(cachedInputTokens).toBe(inputTokens - 1);
    expect(second.text).toBe(first.text);
    expect(await service.metric('parley_model_kv_reused_tokens_total', model)).toBe(
      before + cachedInputTokens,
    );
  });

  it.skipIf(existsSync('/proc/driver/nvidia'))('tell of no graphics card where there is none', async () => {
    expect(await service.metric('parley_gpu_memory_used_bytes')).toBeUndefined();
    expect(await service.metric('parley_gpu_memory_total_bytes')).toBeUndefined();
  });
});
