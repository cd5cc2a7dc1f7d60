import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFleetSecrets } from '@parley/config';
import { modelAdmin } from '@parley/contracts';
import { createGrpcClient, FleetTokens, unary } from '@parley/grpc';
import { eventually, llamaGguf, temporaryFolder, writeGguf } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heard } from './support/heard.ts';
import { describeWithSmolLm, smolLmFile } from './support/real-model.ts';
import { configureQuantising } from './support/quantise/quantise-config.ts';
import { RunningModelService } from './support/running-service.ts';

const { JobState } = modelAdmin;
const tenant = { tenant: 'acme', role: 'admin', keyId: 'key_test', requestId: 'req_test' } as const;

/** Large enough that writing it anew takes a while. */
const bigShape = {
  name: 'big',
  layers: 4,
  width: 512,
  heads: 8,
  keyHeads: 8,
  feedForward: 2048,
  vocabulary: 16_000,
  contextTokens: 2048,
  type: 'f16',
} as const;

describe('the model service', { timeout: 300_000 }, () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;
  let admin: modelAdmin.ModelAdminClient;

  async function start(): Promise<void> {
    const env = { PARLEY_MODEL_CACHE: join(folder.path, 'cache') };
    service = await RunningModelService.start(folder.path, join(folder.path, 'config'), env);
    const tokens = new FleetTokens(readFleetSecrets(join(folder.path, 'fleet-secret')), 'gateway');
    const addresses = [`127.0.0.1:${service.service.grpcPort}`];
    admin = createGrpcClient(modelAdmin.ModelAdminClient, { addresses, tokens });
  }

  async function stop(): Promise<void> {
    admin.close();
    await service[Symbol.asyncDispose]();
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    const big = join(folder.path, 'big.gguf');
    await writeGguf(big, llamaGguf(bigShape, 7));
    await configureQuantising(folder.path, { big, smol: smolLmFile });
    await start();
  }, 120_000);

  afterAll(async () => {
    await stop();
    await folder[Symbol.asyncDispose]();
  });

  function quantize(
    model: string,
    format: string,
    change: Partial<modelAdmin.QuantizeModelRequest> = {},
  ): Promise<modelAdmin.ModelJob> {
    const request = {
      model,
      format,
      leastKept: 0,
      requantize: false,
      replace: false,
      idempotency: undefined,
    };
    return unary(admin.quantizeModel.bind(admin), { ...request, ...change }, { tenant });
  }

  const infoOf = async (name: string): Promise<modelAdmin.ModelInfo | undefined> =>
    (await service.list()).models.find(({ model }) => model?.name === name);

  it('writes a model in fewer bits, and gives it the name of its source when it is as good', async () => {
    const before = await service.ended(service.load('tiny'));
    expect(before.state).toBe(JobState.JOB_STATE_SUCCEEDED);
    const source = (await infoOf('tiny'))?.model?.digest ?? '';
    const job = await service.ended(quantize('tiny', 'Q8_0', { replace: true }));
    expect(job).toMatchObject({
      kind: 'quantize',
      subject: 'tiny-q8_0',
      state: JobState.JOB_STATE_SUCCEEDED,
      progress: 1,
    });
    expect(job.notes).toContainEqual(
      expect.stringMatching(/^It keeps \d+\.\d % .* Perplexity over \d+ tokens/),
    );
    const result = await infoOf('tiny-q8_0');
    expect(result).toMatchObject({
      aliases: expect.arrayContaining(['tiny', 'small']),
      license: 'MIT',
      lineage: { source: { name: 'tiny', digest: source }, format: 'q8_0', passed: true },
    });
    expect(result?.lineage?.kept).toBeGreaterThanOrEqual(0.95);
    for (const name of ['tiny', 'small']) {
      const { model } = await service.resolve(name);
      expect(model).toEqual({ name: 'tiny-q8_0', digest: result?.model?.digest });
    }
    const answer = await heard(service.generate(result?.model?.digest ?? '', 'Hello!'));
    expect(answer.text).toMatch(/^Hello/);
    const record = JSON.parse(
      await readFile(join(folder.path, 'cache/tiny-q8_0.gguf.lineage.json'), 'utf8'),
    ) as object;
    expect(record).toMatchObject({
      source: { name: 'tiny', sha256: source },
      tool: expect.stringContaining('llama.cpp'),
    });
  });

  it('gives the name back by a rollback, and keeps both models', async () => {
    expect((await service.ended(service.rollback('tiny'))).state).toBe(JobState.JOB_STATE_SUCCEEDED);
    expect((await service.resolve('tiny')).model?.name).toBe('tiny');
    expect((await service.resolve('small')).model?.name).toBe('tiny-q8_0');
    expect((await service.ended(service.switch('tiny-q8_0', 'tiny'))).state).toBe(
      JobState.JOB_STATE_SUCCEEDED,
    );
  });

  describeWithSmolLm('that quantises SmolLM2 again', () => {
    it('keeps a model that lost too much under its own name, and says why', async () => {
      const refused = await service.ended(quantize('smol', 'q4_0'));
      expect(refused).toMatchObject({
        state: JobState.JOB_STATE_FAILED,
        error: { code: 'unsupported', message: expect.stringContaining('quantised already (q4_1, q8_0)') },
      });
      const job = await service.ended(quantize('smol', 'q4_0', { requantize: true, replace: true }));
      expect(job).toMatchObject({
        state: JobState.JOB_STATE_FAILED,
        error: {
          code: 'conflict',
          message: expect.stringMatching(/95\.0 % are asked for.*stays under its own name/),
        },
      });
      expect(await infoOf('smol-q4_0')).toMatchObject({
        aliases: [],
        lineage: { passed: false, format: 'q4_0' },
      });
      await expect(service.switch('smol-q4_0', 'smol')).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('may not answer to the name "smol"'),
      });
    });
  });

  it('says at once what cannot be quantised', async () => {
    await expect(quantize('nobody', 'q4_0')).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(quantize('tiny', 'q9_x')).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'format',
      message: expect.stringContaining('q4_k_m'),
    });
    await expect(quantize('sim', 'q4_0')).rejects.toMatchObject({ code: 'unsupported' });
    await expect(quantize('tiny', 'q4_0', { leastKept: 0.5 })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'least_kept',
    });
    await expect(service.switch('sim', 'tiny')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('ends a job in the midst of it within a moment and leaves nothing behind', async () => {
    const { id } = await quantize('big', 'q4_k_m');
    const job = () => unary(admin.getModelJob.bind(admin), { id }, { tenant });
    await eventually(async () => expect((await job()).progress).toBeGreaterThan(0.02), {
      timeoutMs: 120_000,
    });
    await unary(admin.cancelModelJob.bind(admin), { id }, { tenant });
    expect(await service.ended(job())).toMatchObject({ state: JobState.JOB_STATE_CANCELLED });
    const left = (await readdir(join(folder.path, 'cache'))).filter((name) => name.startsWith('big'));
    expect(left).toEqual([]);
    expect(await infoOf('big-q4_k_m')).toBeUndefined();
  });

  it('knows its quantised models and their names after a restart', async () => {
    await stop();
    await start();
    expect(await infoOf('tiny-q8_0')).toMatchObject({ lineage: { passed: true } });
    await eventually(async () => expect((await service.resolve('tiny')).model?.name).toBe('tiny-q8_0'), {
      timeoutMs: 60_000,
    });
  });
});
