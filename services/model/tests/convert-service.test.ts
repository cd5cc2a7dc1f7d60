import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFleetSecrets } from '@parley/config';
import { modelAdmin } from '@parley/contracts';
import { createGrpcClient, FleetTokens, unary } from '@parley/grpc';
import { eventually, startScript, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundledModelFile } from './support/bundled-model.ts';
import { converterFolder, describeWithConverter } from './support/convert/converter.ts';
import { changed, pieceTokenizer, tinyShards } from './support/convert/tiny-shards.ts';
import { heard } from './support/heard.ts';
import { RunningModelService } from './support/running-service.ts';

const { JobState } = modelAdmin;
const tenant = { tenant: 'acme', role: 'admin', keyId: 'key_test', requestId: 'req_test' } as const;

const prompts = ['Hello!', 'My name is Anna. What is my name?', '你好'];

describeWithConverter('the model service, with a folder of safetensors', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;
  let admin: modelAdmin.ModelAdminClient;
  let shards: string;
  const at = (...path: string[]): string => join(folder.path, ...path);

  async function start(): Promise<void> {
    const env = {
      PARLEY_MODEL_CACHE: at('cache'),
      PARLEY_CONVERT_DIR: converterFolder,
      PARLEY_MODEL_CONVERT: 'true',
    };
    service = await RunningModelService.start(folder.path, at('config'), env);
    const tokens = new FleetTokens(readFleetSecrets(at('fleet-secret')), 'gateway');
    const addresses = [`127.0.0.1:${service.service.grpcPort}`];
    admin = createGrpcClient(modelAdmin.ModelAdminClient, { addresses, tokens });
  }

  async function stop(): Promise<void> {
    admin.close();
    await service[Symbol.asyncDispose]();
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    shards = await tinyShards(at('Tiny Shards'));
    const pieces = await changed(shards, at('pieces'), 'tokenizer.json', () => pieceTokenizer(2048));
    const tokenizer = { tokenizer_class: 'LlamaTokenizerFast', bos_token: '<s>', eos_token: '</s>' };
    await writeFile(join(pieces, 'tokenizer_config.json'), JSON.stringify(tokenizer));
    await mkdir(at('config/models'), { recursive: true });
    const context = { tokens: 512, slots: 2 };
    const never = { load: { when: 'never' }, terms: { license: 'MIT' }, context };
    for (const [name, spec] of Object.entries({
      sim: { engine: 'simulated', aliases: ['default'], context },
      tiny: { ...never, path: bundledModelFile },
      pieces: { ...never, path: pieces, profile: { template: "{{ messages[0]['content'] }}" } },
    })) {
      const document = { apiVersion: 'parley/v1', kind: 'Model', metadata: { name, version: '1.0.0' }, spec };
      await writeFile(at(`config/models/${name}.yaml`), JSON.stringify(document));
    }
    const measure = { models: ['tiny-shards'], text: 'Hello! What is your name? My name is Anna.' };
    const document = {
      apiVersion: 'parley/v1',
      kind: 'ModelEvaluation',
      metadata: { name: 'm', version: '1.0.0' },
    };
    await writeFile(at('config/models/measure.yaml'), JSON.stringify({ ...document, spec: measure }));
    await start();
  }, 120_000);

  afterAll(async () => {
    await stop();
    await folder[Symbol.asyncDispose]();
  });

  function convert(
    path: string,
    change: Partial<modelAdmin.ConvertModelRequest> = {},
  ): Promise<modelAdmin.ModelJob> {
    const request = { folder: path, name: '', preTokenizer: 'qwen2', idempotency: undefined };
    return unary(admin.convertModel.bind(admin), { ...request, ...change }, { tenant });
  }

  const infoOf = async (name: string): Promise<modelAdmin.ModelInfo | undefined> =>
    (await service.list()).models.find(({ model }) => model?.name === name);

  async function answersOf(name: string): Promise<string[]> {
    expect(await service.ended(service.load(name))).toMatchObject({ error: undefined });
    const digest = (await infoOf(name))?.model?.digest ?? '';
    const answers: string[] = [];
    for (const prompt of prompts) answers.push((await heard(service.generate(digest, prompt))).text);
    return answers;
  }

  it('makes one GGUF file of it, whose answers are those of the model it was', async () => {
    const job = await service.ended(convert(shards));
    expect(job).toMatchObject({ error: undefined, kind: 'convert', subject: 'tiny-shards', progress: 1 });
    expect(await infoOf('tiny-shards')).toMatchObject({
      engine: 'gguf',
      contextTokens: 2048,
      lineage: { source: { name: 'safetensors:Tiny Shards' }, format: 'f16', passed: true },
    });
    expect(await answersOf('tiny-shards')).toEqual(await answersOf('tiny'));
    await service.ended(service.unload('tiny-shards'));
  });

  it('converts the same folder once, and knows its model after a restart', async () => {
    await stop();
    await start();
    const before = await infoOf('tiny-shards');
    expect(before?.lineage?.source?.digest).toMatch(/^[0-9a-f]{64}$/);
    const job = await service.ended(convert(shards));
    expect(job.error).toBeUndefined();
    expect(job.notes.filter((line) => line.includes('LlamaForCausalLM'))).toEqual([]);
    expect(await infoOf('tiny-shards')).toMatchObject({ lineage: before?.lineage });
  });

  it('lets the result be quantised like any other model', async () => {
    const request = { model: 'tiny-shards', format: 'q8_0', leastKept: 0, requantize: false, replace: false };
    const { id } = await unary(
      admin.quantizeModel.bind(admin),
      { ...request, idempotency: undefined },
      { tenant },
    );
    const job = () => unary(admin.getModelJob.bind(admin), { id }, { tenant });
    // What it is worth afterwards is the matter of other tests.
    await eventually(async () => expect((await job()).stage).toMatch(/^trying it out/), {
      timeoutMs: 60_000,
      everyMs: 5,
    });
    await unary(admin.cancelModelJob.bind(admin), { id }, { tenant });
    expect(await service.ended(job())).toMatchObject({ subject: 'tiny-shards-q8_0' });
    expect(await readdir(at('cache'))).toContain('tiny-shards-q8_0.gguf');
  });

  it('converts a folder that a document names when its model is first loaded, where that is allowed', async () => {
    expect(await service.ended(service.load('pieces'))).toMatchObject({ error: undefined });
    const digest = (await infoOf('pieces'))?.model?.digest ?? '';
    expect((await heard(service.generate(digest, 'w1'))).text).not.toBe('');
    expect(await readdir(at('cache'))).toContain('pieces.safetensors.gguf');
  });

  it('says what the converter does not know, and what to do', async () => {
    const odd = await changed(shards, at('odd'), 'config.json', (config) => ({
      ...config,
      architectures: ['OddForCausalLM'],
    }));
    const unknown = await service.ended(convert(odd));
    expect(unknown.error).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(
        /v0\.5\.0 does not know the architecture OddForCausalLM of odd\. .*vLLM/,
      ),
    });
    const unrecognised = await service.ended(convert(shards, { name: 'other', preTokenizer: '' }));
    expect(unrecognised.error?.message).toMatch(/does not recognise the tokenizer.*--pre-tokenizer/);
    await expect(convert(at('nowhere'))).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'The folder nowhere does not exist.',
    });
    await expect(convert(shards, { name: 'tiny' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(convert('Tiny Shards')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it.skipIf(process.platform !== 'linux')(
    'has no process left when the service is killed in the midst of it',
    async () => {
      const cache = at('orphans');
      const script = new URL('./support/convert/conversion-owner.ts', import.meta.url);
      await using owner = startScript(script, [cache, converterFolder, shards]);
      await eventually(() => expect(converters(cache)).not.toEqual([]), { timeoutMs: 30_000, everyMs: 5 });
      await owner.kill();
      await eventually(() => expect(converters(cache)).toEqual([]), { timeoutMs: 30_000 });
      expect((await readdir(cache)).filter((name) => !name.startsWith('.'))).toEqual([]);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'leaves nothing behind when it is cancelled, or its process is killed',
    async () => {
      const cancelled = await convert(shards, { name: 'half' });
      await eventually(() => expect(converters(at('cache'))).not.toEqual([]), {
        timeoutMs: 30_000,
        everyMs: 5,
      });
      await unary(admin.cancelModelJob.bind(admin), { id: cancelled.id }, { tenant });
      const job = unary(admin.getModelJob.bind(admin), { id: cancelled.id }, { tenant });
      expect((await service.ended(job)).state).toBe(JobState.JOB_STATE_CANCELLED);
      const killed = convert(shards, { name: 'half' });
      const pids = await eventually(
        () => {
          const found = converters(at('cache'));
          expect(found).not.toEqual([]);
          return found;
        },
        { timeoutMs: 30_000, everyMs: 5 },
      );
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      expect((await service.ended(killed)).error).toMatchObject({
        code: 'engine_failed',
        message: expect.stringContaining('The process that converts Tiny Shards was ended by SIGKILL'),
      });
      expect((await readdir(at('cache'))).filter((name) => name.includes('half'))).toEqual([]);
      expect(await infoOf('half')).toBeUndefined();
    },
  );
});

/** Processes that convert into this cache. */
function converters(cache: string): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    const path = `/proc/${entry}/cmdline`;
    if (!/^\d+$/.test(entry) || !existsSync(path)) return [];
    try {
      const line = readFileSync(path, 'utf8');
      return line.includes('run.py') && line.includes(cache) ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}
