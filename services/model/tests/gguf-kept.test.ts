import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeptKeys } from '../src/adapters/outbound/gguf/kept/kept-keys.ts';
import type { CacheScope } from '../src/ports/cache-scope.ts';
import type { ChatMessage, EngineRequest } from '../src/ports/engine.ts';
import { bundledModelFile } from './support/bundled-model.ts';
import type { Heard } from './support/hear.ts';
import { ask, RunningEngine } from './support/running-engine.ts';

const system: ChatMessage = {
  role: 'system',
  content:
    'You are a helpful assistant. A sailor came home after ten years at sea. He had seen the ice in the north and the ' +
    'islands in the south. He sat down at the table and said that he had brought stories, and that he would begin at ' +
    'once. His sister asked him about the capital of France, where he had been for a week.',
};
const question = 'What is the capital of France?';
const next = 'And what is the capital of Italy?';

function scope(own: string, change: Partial<CacheScope> = {}): CacheScope {
  return { own, shared: '', sharedTokens: 0, ...change };
}

function talk(said: readonly string[], cache?: CacheScope): EngineRequest {
  const messages = said.map((content, index): ChatMessage => {
    return { role: index % 2 === 0 ? 'user' : 'assistant', content };
  });
  return ask('', { messages: [system, ...messages], maxOutputTokens: 10, ...(cache && { cache }) });
}

function finished(heard: Heard): { cached: number; from: string | undefined; input: number } {
  const { cachedTokens = 0, cachedFrom } = heard.finished ?? {};
  return { cached: cachedTokens, from: cachedFrom, input: heard.inputTokens };
}

describe('what the bundled model has read of conversations', () => {
  let folder = '';
  let running: RunningEngine;

  const start = async (secret = 'the secret of the fleet'): Promise<void> => {
    const keys = KeptKeys.fromSecrets([secret]).toWire();
    running = new RunningEngine({ kept: { folder, keys, maxBytes: 100_000_000, leastTokens: 64 } });
    await load();
  };
  const load = (): Promise<unknown> =>
    running.load({ path: bundledModelFile, digest: 'bundled', contextTokens: 512, slots: 3, proven: true });
  const reload = async (): Promise<void> => {
    await running.model[Symbol.asyncDispose]();
    await load();
  };
  /** As the service ends: its models are unloaded, then the host is. */
  const restart = async (secret?: string): Promise<void> => {
    await running.model[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
    await start(secret);
  };
  const files = async (): Promise<string[]> =>
    (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.kept'));
  /** The second turn of a conversation, and the same without any reuse. */
  const goOn = async (answer: string, own: string): Promise<ReturnType<typeof finished>> => {
    const heard = await running.answer(talk([question, answer, next], scope(own)));
    expect(heard.text).toBe((await running.answer(talk([question, answer, next]))).text);
    return finished(heard);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-kept-'));
    await start();
  }, 60_000);
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
    expect(running.logs).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('is there again after the model was unloaded and loaded', async () => {
    const first = await running.answer(talk([question], scope('ada')));
    expect(finished(first).cached).toBe(0);
    await reload();
    const { cached, from, input } = await goOn(first.text, 'ada');
    expect(from).toBe('disk');
    expect(cached).toBeGreaterThan(input * 0.7);
  });

  it('is there again after a restart of the service', async () => {
    const first = await running.answer(talk([question], scope('bob')));
    await restart();
    const { cached, from, input } = await goOn(first.text, 'bob');
    expect(from).toBe('disk');
    expect(cached).toBeGreaterThan(input * 0.7);
  });

  it('is there again after the host has died, as far as it was written before', async () => {
    const first = await running.answer(talk([question], scope('cleo')));
    await reload();
    process.kill(running.engine.hostPid ?? 0, 'SIGKILL');
    await running.model.lost;
    await load();
    expect((await goOn(first.text, 'cleo')).from).toBe('disk');
    expect(running.logs.splice(0)).toHaveLength(1);
  });

  it('is nothing to another tenant, and its assistant’s words to all who use it', async () => {
    const [sharedTokens = 0] = (await running.model.countTokens({ messages: [], texts: [system.content] }))
      .textTokens;
    const cache = { shared: 'assistant-1', sharedTokens };
    await running.answer(talk([question], scope('acme/ada', cache)));
    await reload();
    expect(finished(await running.answer(talk([question], scope('evil/guess'))))).toMatchObject({
      cached: 0,
    });
    const eve = finished(await running.answer(talk([question], scope('evil/eve', cache))));
    expect(eve).toMatchObject({ cached: sharedTokens - (sharedTokens % 64), from: 'disk' });
    await reload();
    expect(finished(await running.answer(talk([question], scope('acme/ada'))))).toMatchObject({ cached: 0 });
  });

  it('is ignored and removed where a file was changed or cut off, and the answer is right', async () => {
    const first = await running.answer(talk([question], scope('dora')));
    const breaks = [
      (content: Buffer) => content.fill(1, content.length - 5000, content.length - 4000),
      (content: Buffer) => content.subarray(0, content.length - 5000),
    ];
    for (const damage of breaks) {
      await running.model[Symbol.asyncDispose]();
      for (const name of await files()) {
        const path = join(folder, name);
        await writeFile(path, damage(await readFile(path)));
      }
      const before = await files();
      await load();
      expect((await goOn(first.text, 'dora')).cached).toBe(0);
      expect((await files()).length).toBeLessThan(before.length);
    }
  });

  it('is of no use with another secret', async () => {
    const first = await running.answer(talk([question], scope('emil')));
    await restart('the secret of another fleet');
    expect((await goOn(first.text, 'emil')).cached).toBe(0);
  });

  it('is gone from memory and disk once its owner is forgotten', async () => {
    const first = await running.answer(talk([question], scope('fritz')));
    await reload();
    await running.answer(talk([question], scope('fritz')));
    const before = await files();
    await running.engine.forget('fritz');
    expect((await files()).length).toBeLessThan(before.length);
    expect((await goOn(first.text, 'fritz')).cached).toBe(0);
    await running.engine.forget('fritz');
    await reload();
    expect((await goOn(first.text, 'fritz')).cached).toBe(0);
  });
});
