import { modelAdmin } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BootedGateway } from './support/booted-gateway.ts';
import { at, ModelPeer } from './support/model-peer.ts';

interface Problem {
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string };
}

describe('an administrator of models', () => {
  const model = new ModelPeer();
  let gateway: BootedGateway;

  beforeAll(async () => {
    await model.peer.listen();
    gateway = await BootedGateway.start({ PARLEY_MODEL_ADDRESS: model.peer.address });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    model.peer.kill();
  });

  afterEach(() => {
    model.refuse = () => undefined;
    model.jobs.clear();
  });

  async function json(path: string): Promise<unknown> {
    const response = await gateway.fetch(path);
    expect(response.status).toBe(200);
    return await response.json();
  }

  it('sees what other programs keep, and removes from the cache what nobody needs', async () => {
    expect(await json('/admin/v1/models/local')).toEqual({
      object: 'list',
      data: [
        {
          source: 'ollama:qwen3:0.6b',
          program: 'ollama',
          bytes: 522_000_000,
          paths: ['/models/blobs/sha256-1'],
          license: 'Apache License',
          problem: '',
        },
      ],
    });
    const body = JSON.stringify({ dry_run: true, max_bytes: 15 });
    const response = await gateway.fetch('/admin/v1/models/prune', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const usedAt = at.getTime() / 1000;
    expect(await response.json()).toEqual({
      object: 'prune',
      dry_run: true,
      max_bytes: 15,
      removed: [{ name: 'old', bytes: 10, used_at: usedAt, needed: '' }],
      kept: [{ name: 'smollm2', bytes: 20, used_at: usedAt, needed: 'it is loaded' }],
    });
    expect(model.asked.at(-1)).toEqual({ method: 'pruneModels', request: { dryRun: true, maxBytes: 15 } });
  });

  it('sees models and where aliases point', async () => {
    expect(await json('/admin/v1/models')).toEqual({
      object: 'list',
      data: [
        {
          name: 'parley-tiny',
          digest: '0123456789abcdef'.repeat(4),
          aliases: ['default'],
          state: 'ready',
          engine: 'gguf',
          context_tokens: 1024,
          slots: 4,
          busy_slots: 1,
          file_bytes: 1000,
          reason: '',
          license: 'MIT',
          terms_url: '',
          commercial_use: true,
          description: 'The bundled model.',
          lineage: null,
        },
        expect.objectContaining({
          name: 'smollm2',
          state: 'loading',
          reason: 'loading: 40 %',
          commercial_use: null,
          lineage: {
            source: 'parley-tiny',
            source_digest: '0123456789abcdef'.repeat(4),
            format: 'q4_0',
            passed: false,
            kept: 0.9,
            verdict: 'It keeps 90.0 %; 95.0 % are asked for.',
          },
        }),
      ],
      aliases: [
        {
          alias: 'default',
          model: 'parley-tiny',
          digest: '0123456789abcdef'.repeat(4),
          generation: 2,
          previous_model: 'smollm2',
        },
        expect.objectContaining({ alias: 'fast', generation: 1, previous_model: '' }),
      ],
      instances: [
        {
          instance: 'model-1',
          models: [{ name: 'smollm2', digest: 'f'.repeat(64), state: 'loading', reason: 'loading: 40 %' }],
          aliases: [{ alias: 'default', model: 'parley-tiny', generation: 2 }],
        },
      ],
    });
  });

  it('has a model quantised, its quality asked for as far as it is not said', async () => {
    const body = { model: 'smollm2', format: 'q4_0', replace: true };
    const response = await gateway.post('/admin/v1/models/quantize', body);
    expect(response.status).toBe(202);
    expect(model.asked.at(-1)).toEqual({
      method: 'quantize',
      request: { ...body, leastKept: 0.95, requantize: false },
    });
    expect(await response.json()).toMatchObject({ kind: 'quantize', subject: 'smollm2-q4_0' });
  });

  it('has a folder converted', async () => {
    const order = { folder: '/models/mine', name: 'mine' };
    const response = await gateway.post('/admin/v1/models/convert', { ...order, pre_tokenizer: 'qwen2' });
    expect(response.status).toBe(202);
    expect(model.asked.at(-1)).toEqual({ method: 'convert', request: { ...order, preTokenizer: 'qwen2' } });
    expect(await response.json()).toMatchObject({ kind: 'convert', subject: 'mine' });
  });

  it('sees what can be pulled, and under which terms', async () => {
    expect(await json('/admin/v1/models/catalog')).toEqual({
      object: 'list',
      data: [
        {
          name: 'smollm2-135m',
          title: 'SmolLM2 135M Instruct',
          description: 'Small.',
          license: 'Apache-2.0',
          terms_url: 'https://example.org/terms',
          commercial_use: null,
          languages: ['en'],
          parameters: 135_000_000,
          context_tokens: 8192,
          file_bytes: 100_000_000,
          installed: false,
          engine: 'gguf',
          engine_available: true,
        },
      ],
    });
  });

  it.each([
    ['pull', { source: 'smollm2-135m' }, 'smollm2-135m'],
    ['load', { model: 'smollm2' }, 'smollm2'],
    ['unload', { model: 'smollm2' }, 'smollm2'],
    ['switch', { alias: 'default', model: 'smollm2' }, 'default'],
    ['rollback', { alias: 'default' }, 'default'],
  ])('starts a job by %s, and finds it where the answer says', async (action, body, subject) => {
    const response = await gateway.post(`/admin/v1/models/${action}`, body);
    expect(response.status).toBe(202);
    expect(model.asked.at(-1)).toEqual({ method: action, request: body });
    const job = await response.json();
    expect(job).toEqual({
      id: 'job_1',
      object: 'job',
      kind: action,
      subject,
      state: 'running',
      stage: 'at work',
      progress: 0.25,
      done_bytes: 250,
      total_bytes: 1000,
      notes: ['skipped hf:x: it did not answer'],
      error: null,
      created_at: at.getTime() / 1000,
      ended_at: null,
    });
    expect(await json(response.headers.get('location') ?? '')).toEqual(job);
  });

  it('lists jobs, newest first, as many as asked for', async () => {
    for (const name of ['a', 'b', 'c']) await gateway.post('/admin/v1/models/load', { model: name });
    const all = (await json('/admin/v1/jobs')) as { data: { subject: string }[] };
    expect(all.data.map(({ subject }) => subject)).toEqual(['c', 'b', 'a']);
    const one = (await json('/admin/v1/jobs?limit=1')) as { data: { subject: string }[] };
    expect(one.data.map(({ subject }) => subject)).toEqual(['c']);
    expect(
      model.asked.filter(({ method }) => method === 'listModelJobs').map(({ request }) => request),
    ).toEqual([{ limit: 50 }, { limit: 1 }]);
  });

  it.each([
    ['no body', undefined],
    ['an empty object', '{}'],
  ])('cancels a job with %s', async (_what, body) => {
    await gateway.post('/admin/v1/models/pull', { source: 'x' });
    const init = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
    const response = await gateway.fetch('/admin/v1/jobs/job_1/cancel', { method: 'POST', ...init });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ state: 'cancelled', ended_at: at.getTime() / 1000 });
  });

  it('sees why a job failed', async () => {
    await gateway.post('/admin/v1/models/switch', { alias: 'default', model: 'smollm2' });
    const [[id, job] = ['', undefined]] = model.jobs;
    const error = {
      code: 'engine_failed',
      message: 'The file is cut off.',
      retryable: false,
      param: '',
      retryAfterMs: 0,
    };
    if (job !== undefined)
      model.jobs.set(id, { ...job, state: modelAdmin.JobState.JOB_STATE_FAILED, endedAt: at, error });
    expect(await json(`/admin/v1/jobs/${id}`)).toMatchObject({
      state: 'failed',
      error: { code: 'engine_failed', message: 'The file is cut off.', retryable: false },
    });
  });

  it.each([
    ['pull', {}, 'source'],
    ['pull', { source: '' }, 'source'],
    ['pull', { source: 'x'.repeat(2049) }, 'source'],
    ['pull', { source: 'x', force: true }, 'force'],
    ['quantize', { model: 'smollm2' }, 'format'],
    ['quantize', { model: 'smollm2', format: 'q4_0', least_kept: 0.5 }, 'least_kept'],
    ['convert', { name: 'mine' }, 'folder'],
    ['convert', { folder: '/models/mine', name: 'No name' }, 'name'],
    ['load', { model: 7 }, 'model'],
    ['unload', { models: ['a'], model: 'a' }, 'models'],
    ['switch', { alias: 'default' }, 'model'],
    ['switch', { model: 'smollm2' }, 'alias'],
    ['rollback', { alias: 'default', model: 'smollm2' }, 'model'],
    ['rollback', [], null],
  ])('is told which field of %s is wrong: %j', async (action, body, param) => {
    const before = model.asked.length;
    const response = await gateway.post(`/admin/v1/models/${action}`, body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as Problem).error).toMatchObject({ code: 'invalid_request', param });
    expect(model.asked).toHaveLength(before);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'limit=1&limit=2', 'max=1'])(
    'is told that jobs cannot be asked for with %s',
    async (query) => {
      expect((await gateway.fetch(`/admin/v1/jobs?${query}`)).status).toBe(400);
    },
  );

  it.each(['/admin/v1/jobs/nobody', '/admin/v1/jobs/', `/admin/v1/jobs/${'j'.repeat(500)}`])(
    'finds no job at %.30s',
    async (path) => {
      const response = await gateway.fetch(path);
      expect(response.status).toBe(404);
      expect(((await response.json()) as Problem).error.code).toBe('not_found');
    },
  );

  it('gets the model service’s own refusals as they are', async () => {
    model.refuse = () => new ParleyError('model_not_found', 'There is no model "x". There are: parley-tiny.');
    const unknown = await gateway.post('/admin/v1/models/load', { model: 'x' });
    expect(unknown.status).toBe(404);
    expect(((await unknown.json()) as Problem).error).toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining('parley-tiny') as string,
    });
    model.refuse = () => new ParleyError('overloaded', 'Too many jobs wait.', { retryAfterMs: 5000 });
    const full = await gateway.post('/admin/v1/models/pull', { source: 'x' });
    expect(full.status).toBe(503);
    expect(full.headers.get('retry-after-ms')).toBe('5000');
  });

  it('reads in the OpenAPI document that changes answer 202 and take no other fields', async () => {
    const { paths } = (await json('/openapi.json')) as {
      paths: Record<string, Record<string, { responses: object; requestBody?: object }>>;
    };
    const change = paths['/admin/v1/models/switch']?.['post'];
    expect(change?.responses).toHaveProperty('202');
    expect(change?.requestBody).toMatchObject({
      content: {
        'application/json': { schema: { required: ['alias', 'model'], additionalProperties: false } },
      },
    });
  });
});
