import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OnnxEngine } from '../src/adapters/outbound/onnx/onnx-engine.ts';
import type { EngineRequest, LoadedModel, SamplingSettings } from '../src/ports/engine.ts';
import { withoutEnd } from './support/bundled-model.ts';
import { hear } from './support/hear.ts';
import {
  bundledOnnxFolder,
  bundledOnnxSpec,
  miniLmFolder,
  miniLmSpec,
  noMiniLm,
  noOnnx,
  onnxEngine,
} from './support/onnx-models.ts';

const { signal } = new AbortController();

function ask(content: string, change: Partial<EngineRequest> = {}): EngineRequest {
  return {
    messages: [{ role: 'user', content }],
    sampling: { temperature: 0 },
    form: { kind: 'text' },
    maxOutputTokens: 32,
    stop: [],
    priority: 0,
    ...change,
  };
}

const story = (sampling: Partial<SamplingSettings>): EngineRequest =>
  ask('Tell me a story.', { sampling: { ...withoutEnd.sampling, ...sampling } });

describe.skipIf(noOnnx !== undefined)(
  `a model on onnxruntime${noOnnx === undefined ? '' : ` (skipped: ${noOnnx})`}`,
  () => {
    const logs: string[] = [];
    let engine: OnnxEngine;
    let model: LoadedModel;
    let folder: string;
    const text = async (request: EngineRequest): Promise<string> => (await hear(model, request)).text;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'parley-onnx-'));
      engine = onnxEngine(logs);
      model = await engine.load(bundledOnnxSpec(), { signal });
    });
    afterAll(async () => {
      await engine?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    it('is tried out in a process of its own, which tells what its files say', async () => {
      expect(await engine.prove(bundledOnnxSpec({ contextTokens: 128, slots: 1 }), signal)).toEqual({
        ok: true,
        inspection: expect.objectContaining({
          architecture: 'llama',
          name: 'parley-tiny',
          license: 'mit',
          trainedContextTokens: 2048,
          hasTemplate: true,
          // 4 layers of keys and values of 160 numbers, 4 bytes each.
          kvBytesPerToken: 2 * 4 * 160 * 4,
        }),
      });
    });

    it('draws tokens as it is told: the same for a seed, others for another, the likeliest where only one is left', async () => {
      const warm = { temperature: 1, seed: 7 };
      expect(await text(story(warm))).toBe(await text(story(warm)));
      expect(await text(story(warm))).not.toBe(await text(story({ temperature: 1, seed: 8 })));
      const greedy = await text(story({}));
      expect(await text(story({ ...warm, topK: 1 }))).toBe(greedy);
      expect(await text(story({ ...warm, topP: 0 }))).toBe(greedy);
      expect(await text(story({ ...warm, minP: 1 }))).toBe(greedy);
    });

    it('heeds penalties and biases', async () => {
      const { tokenIds } = await hear(
        model,
        story({ presencePenalty: 2, frequencyPenalty: 2, repeatPenalty: 5 }),
      );
      const plain = await hear(model, story({}));
      expect(new Set(tokenIds).size).toBeGreaterThan(new Set(plain.tokenIds).size);
      const [first = 0] = plain.tokenIds;
      const biased = { logitBias: [...withoutEnd.sampling.logitBias, [first, -100] as const] };
      expect((await hear(model, story(biased))).tokenIds).not.toContain(first);
      const outside = await hear(model, story({ logitBias: [[999_999, 1]] }));
      expect(outside.error).toMatchObject({ code: 'invalid_request', param: 'sampling.logit_bias' });
    });

    it('says which engine can where it cannot hold an answer to a form', async () => {
      const { error } = await hear(model, ask('Hi', { form: { kind: 'json-object' } }));
      expect(error).toMatchObject({
        code: 'unsupported',
        param: 'format',
        message: expect.stringContaining('gguf'),
      });
    });

    it('goes on from what a conversation has read before, and says the same', async () => {
      const messages = [
        { role: 'user', content: 'My name is Mara.' },
        { role: 'assistant', content: 'Nice to meet you, Mara.' },
        { role: 'user', content: 'What is my name?' },
      ] as const;
      const cache = { own: 'mara', shared: '', sharedTokens: 0 };
      const [first, again] = [
        { cache, messages: messages.slice(0, 1) },
        { cache, messages },
      ];
      await hear(model, ask('', first));
      const reused = await hear(model, ask('', again));
      const fresh = await hear(model, ask('', { messages }));
      expect(reused.finished?.cachedTokens).toBeGreaterThan(0);
      expect(fresh.finished?.cachedTokens ?? 0).toBe(0);
      expect(reused.text).toBe(fresh.text);
      expect(reused.text).toContain('Mara');
    });

    it('makes no vectors', async () => {
      await expect(model.embed?.(['a'], signal)).rejects.toMatchObject({
        code: 'unsupported',
        param: 'model',
      });
    });

    it('is refused with what is wrong with its folder', async () => {
      const load = async (name: string, change: object = {}): Promise<LoadedModel> =>
        engine.load(bundledOnnxSpec({ path: join(folder, name, 'onnx/model.onnx'), ...change }), { signal });
      const broken = async (name: string, file: string, content: string): Promise<void> => {
        await cp(bundledOnnxFolder(), join(folder, name), { recursive: true });
        await mkdir(join(folder, name, 'onnx'), { recursive: true });
        await writeFile(join(folder, name, file), content);
      };
      await broken('no-model', 'onnx/model.onnx', 'This is no model.');
      await expect(load('no-model')).rejects.toMatchObject({
        code: 'engine_failed',
        retryable: false,
        message: expect.stringMatching(/^Model "tiny" could not be loaded from model.onnx: /),
      });
      await broken('no-json', 'config.json', '{');
      await expect(load('no-json')).rejects.toThrow(/^config\.json in the folder "no-json" is no JSON/);
      await broken('no-tokenizer', 'tokenizer.json', '{}');
      await expect(load('no-tokenizer')).rejects.toThrow(
        /^tokenizer\.json in the folder "no-tokenizer" model: /,
      );
      await broken('no-template', 'tokenizer_config.json', '{}');
      await expect(load('no-template')).rejects.toThrow(/has no chat template/);
      await broken('long', 'generation_config.json', '{}');
      await expect(load('long', { contextTokens: 4096 })).rejects.toThrow(/trained with 2048 tokens/);
      // Whoever was loaded before goes on.
      expect(await text(ask('Hello!'))).not.toBe('');
    });

    it('is lost with its process, which the next load starts again; who waits may try again', async () => {
      const { hostPid } = engine;
      const cut = await hear(model, story({}), signal, ({ type }) => {
        if (type === 'chunk' && engine.hostPid !== undefined) process.kill(engine.hostPid, 'SIGKILL');
      });
      expect(cut).toMatchObject({ finished: undefined, error: { code: 'engine_failed', retryable: true } });
      expect(await model.lost).toMatchObject({ code: 'engine_failed', retryable: true });
      expect(logs.join('\n')).toContain('SIGKILL');
      model = await engine.load(bundledOnnxSpec(), { signal });
      expect(engine.hostPid).not.toBe(hostPid);
      expect(await text(ask('Hello!'))).not.toBe('');
    });
  },
);

describe.skipIf(noMiniLm !== undefined)(
  `all-MiniLM-L6-v2${noMiniLm === undefined ? '' : ` (skipped: ${noMiniLm})`}`,
  () => {
    let engine: OnnxEngine;
    let model: LoadedModel;
    beforeAll(async () => {
      engine = onnxEngine();
      model = await engine.load(miniLmSpec(), { signal });
    });
    afterAll(async () => {
      await engine?.[Symbol.asyncDispose]();
    });

    it('puts sentences that say the same near each other, and others far apart', async () => {
      const made = await model.embed?.(
        [
          'How do I reset my password?',
          'I forgot my login credentials.',
          'A man is eating a piece of bread.',
          'Someone has lunch.',
          'The stock market fell today.',
        ],
        signal,
      );
      const [password = [], login = [], bread = [], lunch = [], stocks = []] = made?.vectors ?? [];
      const near = (a: readonly number[], b: readonly number[]): number =>
        a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
      expect(password).toHaveLength(384);
      expect(near(password, login)).toBeGreaterThan(0.45);
      expect(near(bread, lunch)).toBeGreaterThan(0.4);
      for (const other of [bread, lunch, stocks]) expect(near(password, other)).toBeLessThan(0.2);
    });

    it('is found in its folder, and does not answer', async () => {
      const files = await engine.findWeights({ model: 'minilm', path: miniLmFolder });
      expect(files.path).toBe(miniLmSpec().path);
      const { error } = await hear(model, ask('Hello!'));
      expect(error).toMatchObject({ code: 'unsupported', param: 'model' });
    });

    it('ends its work soon after the caller has left', async () => {
      const leaving = new AbortController();
      const work = model.embed?.(
        Array.from({ length: 500 }, () => 'word '.repeat(300)),
        leaving.signal,
      );
      setTimeout(() => leaving.abort(), 50);
      await expect(work).rejects.toMatchObject({ code: 'cancelled' });
      // 150,000 tokens would take half a minute and more.
      const startedAt = performance.now();
      await model.embed?.(['again'], signal);
      expect(performance.now() - startedAt).toBeLessThan(10_000);
    });
  },
);
