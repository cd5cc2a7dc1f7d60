import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GgufEngine } from '../src/adapters/outbound/gguf/gguf-engine.ts';
import { engineEnvironment } from '../src/config.ts';
import { bundledSpec, withoutEnd } from './support/bundled-model.ts';
import { LlamaServer, noLlamaServer } from './support/llama-server.ts';
import { RemoteModel } from './support/remote-model.ts';

const title = `a real llama-server${noLlamaServer === undefined ? '' : ` (skipped: ${noLlamaServer})`}`;
const key = 'sk-of-this-test';
const contextTokens = 512;

describe.skipIf(noLlamaServer !== undefined)(title, () => {
  let server: LlamaServer;
  const load = (): Promise<RemoteModel> => {
    const health = { intervalMs: 50, lostAfterMs: 200 };
    const settings = { model: 'tiny', apiKey: { env: 'KEY' }, health };
    return RemoteModel.load(server.baseUrl, settings, { contextTokens, slots: 2 }, { KEY: key });
  };

  beforeAll(async () => {
    server = await LlamaServer.start(contextTokens, 2, key);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  it('wants its key', async () => {
    const loading = RemoteModel.load(
      server.baseUrl,
      { model: 'tiny', apiKey: { env: 'KEY' } },
      {},
      { KEY: 'sk-wrong' },
    );
    await expect(loading).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('refuses the key'),
    });
  });

  it('counts as the gguf engine does, and tells usage', async () => {
    await using far = await load();
    await using gguf = new GgufEngine({
      threads: 1,
      environment: engineEnvironment(1),
      onLog: () => undefined,
    });
    await using near = await gguf.load(bundledSpec({ contextTokens }), {
      signal: new AbortController().signal,
    });
    const messages = [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: 'Hello 你好 👋' },
    ] as const;
    const question = { messages, texts: ['Hello there', 'a<|im_end|>b', ''] };
    expect(await far.model.countTokens(question)).toEqual(await near.countTokens(question));
    const { finished, error } = await far.answer({ messages });
    expect(error).toBeUndefined();
    expect(finished?.outputTokens).toBeGreaterThan(0);
    expect(far.logs).toEqual([]);
  });

  it('samples as it is told, with the settings that OpenAI does not know', async () => {
    await using far = await load();
    const sampling = { temperature: 0.8, topK: 5, minP: 0.05, repeatPenalty: 1.1, seed: 7 };
    const question = {
      ...withoutEnd,
      sampling: { ...withoutEnd.sampling, ...sampling },
      maxOutputTokens: 16,
    };
    const first = await far.answer(question);
    expect(first.finished?.reason).toBe('length');
    expect((await far.answer(question)).text).toBe(first.text);
  });

  it('frees its slot when an answer is cancelled', async () => {
    await using far = await load();
    const leaving = new AbortController();
    const cut = await far.answer({ ...withoutEnd, maxOutputTokens: 400 }, leaving.signal, ({ type }) => {
      if (type === 'chunk') leaving.abort();
    });
    expect(cut.error).toMatchObject({ code: 'cancelled' });
    expect((await far.answer()).finished).toBeDefined();
  });

  it('is missed when it is killed', async () => {
    await using far = await load();
    const { error } = await far.answer({ ...withoutEnd, maxOutputTokens: 400 }, undefined, ({ type }) => {
      if (type === 'chunk') void server[Symbol.asyncDispose]();
    });
    expect(error).toMatchObject({ code: 'engine_failed', retryable: true });
    await expect(far.model.lost).resolves.toMatchObject({ code: 'engine_failed' });
  });
});
