import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelAdmin, modelEventTypes } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heard } from './support/heard.ts';
import { hostPid } from './support/host-pid.ts';
import { modelEventsOf } from './support/model-events-of.ts';
import { describeWithSmolLm, smolLmConfigDir } from './support/real-model.ts';
import { RunningModelService } from './support/running-service.ts';

const patience = { timeoutMs: 50_000, everyMs: 50 };

describeWithSmolLm('the model service on SmolLM2', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;
  let digest = '';

  beforeAll(async () => {
    folder = await temporaryFolder();
    service = await RunningModelService.start(folder.path, smolLmConfigDir);
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it('answers before its model is loaded: not ready, why, and when to try again', async () => {
    expect(service.service.runtime.readiness.report()).toMatchObject({ ready: false });
    await expect(service.resolve()).rejects.toMatchObject({
      code: 'model_not_ready',
      retryable: true,
      retryAfterMs: expect.any(Number),
      message: expect.stringContaining('smollm2-135m-instruct'),
    });
    const { models } = await service.list();
    expect(models).toMatchObject([
      { state: modelAdmin.ModelState.MODEL_STATE_LOADING, aliases: ['default'] },
    ]);
  });

  it('becomes ready with its default model, and resolves it by alias, name and digest', async () => {
    const resolved = await eventually(() => service.resolve(), patience);
    digest = resolved.model?.digest ?? '';
    expect(digest).toBe('b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53');
    expect(resolved).toMatchObject({
      contextTokens: 2048,
      abilities: { grammar: true, logitBias: true, logprobs: false },
    });
    expect((await service.resolve('smollm2-135m-instruct')).model?.digest).toBe(digest);
    expect((await service.resolve(digest)).model?.name).toBe('smollm2-135m-instruct');
    expect(service.service.runtime.readiness.report().ready).toBe(true);
  });

  it('lists the model with what its document says', async () => {
    expect((await service.list()).models).toMatchObject([
      {
        model: {
          name: 'smollm2-135m-instruct',
          digest,
        },
        state: modelAdmin.ModelState.MODEL_STATE_READY,
        engine: 'gguf',
        contextTokens: 2048,
        slots: 8,
        fileBytes: 98362432,
        reason: '',
        license: 'Apache-2.0',
        description: 'SmolLM2 135M Instruct: the smallest real chat model.',
      },
    ]);
  });

  it('names the models there are when one is not known', async () => {
    await expect(service.resolve('gpt-9')).rejects.toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining('smollm2-135m-instruct'),
    });
  });

  it('streams an answer with its model, usage and timings, one message a step at most', async () => {
    const { text, started, finished, messages } = await heard(
      service.generate(digest, 'What is the capital of France?'),
    );
    expect(text).toContain('Paris');
    expect(started).toMatchObject({ model: { name: 'smollm2-135m-instruct', digest } });
    expect(finished?.usage).toMatchObject({ inputTokens: started?.inputTokens, cachedInputTokens: 0 });
    const outputTokens = finished?.usage?.outputTokens ?? 0;
    expect(messages).toBeLessThanOrEqual(outputTokens + 2);
    const { queueMs = 0, firstTokenMs = 0, totalMs = 0 } = finished?.timings ?? {};
    expect(firstTokenMs).toBeGreaterThan(queueMs);
    expect(totalMs).toBeGreaterThan(firstTokenMs);
  });

  it('counts tokens as it would read them', async () => {
    const { started } = await heard(service.generate(digest, 'Hello', { maxOutputTokens: 1 }));
    const counted = await service.count({ texts: ['Hello', 'Hello you'] });
    expect(counted).toMatchObject({ model: { digest }, messageTokens: 0, textTokens: [1, 2] });
    expect(started?.inputTokens).toBeGreaterThan(10);
  });

  it('frees the slot of a caller that leaves', async () => {
    const leaving = new AbortController();
    const endless = { logitBias: { 0: -100, 2: -100 }, temperature: 0 };
    const stream = service.generate(
      digest,
      'Hello',
      { maxOutputTokens: 1500, sampling: endless },
      leaving.signal,
    );
    await expect(async () => {
      for await (const { update } of stream) if (update?.$case === 'chunk') leaving.abort();
    }).rejects.toMatchObject({ code: 'cancelled' });
    await eventually(async () => {
      expect(await service.metric('parley_model_slots', { state: 'busy' })).toBe(0);
    });
  });

  it('carries errors of a request with their code and field', async () => {
    await expect(heard(service.generate(digest, 'x'.repeat(40_000)))).rejects.toMatchObject({
      code: 'context_length_exceeded',
    });
    await expect(
      heard(service.generate(digest, 'x', { sampling: { temperature: 9, logitBias: {} } })),
    ).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'sampling.temperature',
    });
    await expect(heard(service.generate('0'.repeat(64), 'x'))).rejects.toMatchObject({
      code: 'model_not_here',
    });
    const format = {
      form: { $case: 'jsonSchema', jsonSchema: { name: 'x', schema: '{"not":{}}' } },
    } as const;
    await expect(heard(service.generate(digest, 'x', { format }))).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('survives its engine host: a retryable error, then the model again, and an event of each', async () => {
    const endless = { logitBias: { 0: -100, 2: -100 }, temperature: 0 };
    const stream = service.generate(digest, 'Hello', { maxOutputTokens: 1500, sampling: endless });
    let killed = false;
    await expect(async () => {
      for await (const { update } of stream) {
        if (update?.$case !== 'chunk' || killed) continue;
        killed = true;
        process.kill(await hostPid(), 'SIGKILL');
      }
    }).rejects.toMatchObject({ code: 'engine_failed', retryable: true });
    await expect(service.resolve()).rejects.toMatchObject({
      code: 'model_not_ready',
      retryAfterMs: expect.any(Number),
    });
    await eventually(() => service.resolve(), patience);
    expect((await heard(service.generate(digest, 'What is the capital of France?'))).text).toContain('Paris');
    expect(await service.metric('parley_model_host_restarts_total', { why: 'died' })).toBe(1);
    const events = await eventually(async () => {
      const read = await modelEventsOf(folder.path);
      expect(read).toHaveLength(3);
      return read;
    });
    expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
      [modelEventTypes.loaded, 0],
      [modelEventTypes.failed, 1],
      [modelEventTypes.loaded, 2],
    ]);
    expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({
      model: { name: 'smollm2-135m-instruct', digest },
      engine: 'gguf',
    });
  });

  it('tells its metrics', async () => {
    for (const name of [
      'gen_ai_server_request_duration_seconds_count',
      'gen_ai_server_time_to_first_token_seconds_count',
      'gen_ai_server_time_per_output_token_seconds_count',
      'gen_ai_client_token_usage_count',
      'parley_model_load_duration_seconds_count',
      'parley_model_memory_bytes',
      'parley_model_batch_size_count',
    ]) {
      expect(await service.metric(name), name).toBeGreaterThan(0);
    }
    expect(await service.metric('parley_model_state', { state: 'ready' })).toBe(1);
    expect(await service.metric('parley_model_slots', { state: 'free' })).toBe(8);
  });
});

describe('the model service without its weights', () => {
  it('stays up and says what is missing', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'config/models'), { recursive: true });
    const document = `apiVersion: parley/v1
kind: Model
metadata: { name: gone, version: 1.0.0 }
spec:
  path: gone.gguf
  aliases: [default]
  context: { tokens: 1024, slots: 1 }
`;
    await writeFile(join(folder.path, 'config/models/gone.yaml'), document);
    await using service = await RunningModelService.start(folder.path, join(folder.path, 'config'));
    await eventually(async () => {
      expect((await service.list()).models).toMatchObject([
        {
          state: modelAdmin.ModelState.MODEL_STATE_FAILED,
          reason: 'The weights file gone.gguf does not exist',
        },
      ]);
    });
    await expect(service.resolve()).rejects.toMatchObject({
      code: 'model_not_ready',
      message: expect.stringContaining('gone.gguf'),
    });
    expect(service.service.runtime.readiness.report().ready).toBe(false);
  });
});
