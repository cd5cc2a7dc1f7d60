import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { modelAdmin } from '@parley/contracts';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitGguf } from '../src/adapters/outbound/gguf/file/split-gguf.ts';
import { bundledModelFile } from './support/bundled-model.ts';
import { heard } from './support/heard.ts';
import { describeWithSmolLm, smolLmFile } from './support/real-model.ts';
import { ask, RunningEngine } from './support/running-engine.ts';
import { RunningModelService } from './support/running-service.ts';

const patience = { timeoutMs: 50_000, everyMs: 50 };
const questions = ['Hello', 'Who are you?', 'What is 2 + 3?', 'Name three colours.'];

/** A model that is only loaded by order, from a folder. */
function document(name: string, more = ''): string {
  return `apiVersion: parley/v1
kind: Model
metadata: { name: ${name}, version: 1.0.0 }
spec:
  path: ../weights/${name}
  context: { tokens: 512, slots: 2 }
  load: { when: never }
${more}`;
}

const documents = {
  split: '  shards: 3\n  family: llama\n  precision: fp16\n',
  incomplete: '',
  corrupt: '',
  counted: '  shards: 4\n',
  whole: '  shards: 4\n',
  another: '  family: gemma\n',
  coarse: '  precision: int4\n',
  safetensors: '',
} as const;

/** A configuration whose default is the bundled model, and split copies of it, most of them wrong in some way. */
async function writeConfig(folder: string): Promise<void> {
  await mkdir(join(folder, 'config/models'), { recursive: true });
  const bundled = document('sound').replace('../weights/sound', bundledModelFile);
  await writeFile(
    join(folder, 'config/models/sound.yaml'),
    `${bundled.replace('  load: { when: never }\n', '')}  aliases: [default]\n`,
  );
  for (const [name, more] of Object.entries(documents)) {
    const weights = join(folder, 'config/weights', name);
    await mkdir(weights, { recursive: true });
    await writeFile(join(folder, `config/models/${name}.yaml`), document(name, more));
    if (name === 'whole') await copyFile(bundledModelFile, join(weights, basename(bundledModelFile)));
    else if (name === 'safetensors') await writeFile(join(weights, 'model-00001-of-00004.safetensors'), '');
    else await split(weights, name);
  }
}

async function split(weights: string, name: string): Promise<void> {
  const [, second] = splitGguf(bundledModelFile, { parts: 3, folder: weights });
  if (second === undefined) return;
  if (name === 'incomplete') await rm(second.path);
  if (name !== 'corrupt') return;
  const bytes = await readFile(second.path);
  bytes[bytes.length - 1000] = (bytes[bytes.length - 1000] ?? 0) ^ 0xff;
  await writeFile(second.path, bytes);
}

describe('the bundled model in three shards', () => {
  let folder: TemporaryFolder;
  let service: RunningModelService;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await writeConfig(folder.path);
    const env = { PARLEY_MODEL_CACHE: join(folder.path, 'cache') };
    service = await RunningModelService.start(folder.path, join(folder.path, 'config'), env);
    await eventually(() => service.resolve(), patience);
  }, 120_000);
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  async function answers(): Promise<string[]> {
    const { model } = await service.resolve();
    const texts: string[] = [];
    for (const question of questions)
      texts.push((await heard(service.generate(model?.digest ?? '', question))).text);
    return texts;
  }

  it.each([
    ['incomplete', /"incomplete" are split into 3 parts; missing: parley-tiny-00002-of-00003\.gguf/],
    [
      'corrupt',
      /parley-tiny-00002-of-00003\.gguf of model "corrupt" has the sha256 [0-9a-f]{64}, not [0-9a-f]{64}: it is damaged/,
    ],
    [
      'counted',
      /^models\/counted\.yaml:8: spec\.shards: Model "counted" is to have 4 shards, but 3 are there/,
    ],
    [
      'whole',
      /^models\/whole\.yaml:8: .*one file\. Split it with: parley models split parley-tiny\.gguf --parts 4/,
    ],
    [
      'another',
      /^models\/another\.yaml:8: spec\.family: .*of the family "gemma", but its file has the architecture "llama"/,
    ],
    [
      'safetensors',
      /"safetensors" has no weights: it holds safetensors.*Convert it with: parley models convert .*engine: openai/,
    ],
  ])('that is %s is refused with what and where, and the alias stays', async (model, message) => {
    const job = await service.ended(service.switch(model));
    expect(job).toMatchObject({
      state: modelAdmin.JobState.JOB_STATE_FAILED,
      error: { code: 'config_invalid', message: expect.stringMatching(message) },
    });
    expect((await service.resolve()).model?.name).toBe('sound');
  });

  it('gives the answers of the whole file', async () => {
    const whole = await answers();
    expect(whole.every((text) => text !== '')).toBe(true);
    const job = await service.ended(service.switch('split'));
    expect(job.error).toBeUndefined();
    expect((await service.resolve()).model?.name).toBe('split');
    expect(await answers()).toEqual(whole);
    const { models } = await service.list();
    const sizes = new Map(models.map(({ model, fileBytes }) => [model?.name, fileBytes]));
    expect(sizes.get('split')).toBeGreaterThan(sizes.get('sound') ?? Infinity);
  });

  it('has its memory among the metrics, and none of a graphics card where there is none', async () => {
    const weights = { model: 'sound', kind: 'weights' };
    expect(await service.metric('parley_model_memory_bytes', { ...weights, device: 'cpu' })).toBeGreaterThan(
      1e6,
    );
    if (existsSync('/dev/nvidiactl')) return;
    expect(await service.metric('parley_model_memory_bytes', { ...weights, device: 'gpu' })).toBeUndefined();
    expect(await service.metric('parley_gpu_memory_used_bytes')).toBeUndefined();
    expect(await service.metric('parley_gpu_memory_total_bytes')).toBeUndefined();
  });

  it('is written in the precision that its document asks for, once', async () => {
    const job = await service.ended(service.switch('coarse'));
    expect(job.error).toBeUndefined();
    expect((await service.resolve()).model?.name).toBe('coarse');
    expect((await answers()).every((text) => text !== '')).toBe(true);
    const { models } = await service.list();
    const sizes = new Map(models.map(({ model, fileBytes }) => [model?.name, fileBytes]));
    expect(sizes.get('coarse')).toBeLessThan((sizes.get('sound') ?? 0) * 0.7);
    expect(await readdir(join(folder.path, 'cache'))).toContain('coarse-q4_k_m.gguf');
    // The process that writes weights yields to everything else on the machine.
  }, 180_000);
});

describeWithSmolLm('SmolLM2 in four shards', () => {
  it('gives the answers of the whole file', async () => {
    await using folder = await temporaryFolder();
    const [first] = splitGguf(smolLmFile, { parts: 4, folder: folder.path });
    await using running = new RunningEngine();
    const texts = async (path: string): Promise<string[]> => {
      const model = await running.load({ path, contextTokens: 256, slots: 1 });
      const said: string[] = [];
      for (const question of ['What is the capital of France?', 'Count from one to five.'])
        said.push((await running.answer(ask(question, { maxOutputTokens: 16 }))).text);
      await model[Symbol.asyncDispose]();
      return said;
    };
    const whole = await texts(smolLmFile);
    expect(whole[0]).toContain('Paris');
    expect(await texts(first?.path ?? '')).toEqual(whole);
  });
});
