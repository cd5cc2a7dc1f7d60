import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, temporaryFolder } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoteModel } from './support/remote-model.ts';
import { json, RemoteServer, says, stream } from './support/remote-server.ts';

let server: RemoteServer;

beforeEach(async () => {
  server = await RemoteServer.start();
  server.chat(stream(`${says('Hi', 'stop')}data: [DONE]\n\n`));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const watchful = { health: { intervalMs: 20, lostAfterMs: 100 } };

describe('loading a remote model', () => {
  it('asks for the model and makes no token', async () => {
    await using far = await RemoteModel.load(server.baseUrl);
    expect(server.asked.map(({ path }) => path)).toEqual(['/v1/models']);
    expect(far.model).toMatchObject({ contextTokens: 4096, slots: 4 });
    expect(await far.model.memory()).toEqual({
      device: 'remote',
      weightsBytes: 0,
      kvBytes: 0,
      computeBytes: 0,
    });
  });

  it('names the models that are there where the one wanted is not', async () => {
    const loading = RemoteModel.load(server.baseUrl, { model: 'other' });
    await expect(loading).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^Model "other" at 127\.0\.0\.1:\d+ is not there; the server has: m\.$/),
    });
  });

  it('refuses a document that promises more context than there is', async () => {
    server.lists({ owned_by: 'vllm', max_model_len: '2048' });
    await expect(RemoteModel.load(server.baseUrl)).rejects.toMatchObject({
      code: 'config_invalid',
      retryable: false,
      message: expect.stringContaining('holds 2048 tokens of context; the document of "far" says 4096'),
    });
  });

  it('takes a server without a list of models at its word', async () => {
    server.models(() => json({ detail: 'Not Found' }, { status: 404 }));
    await using far = await RemoteModel.load(server.baseUrl);
    expect((await far.answer()).text).toBe('Hi');
  });

  it('finds the tag that Ollama adds by itself', async () => {
    server.lists({ id: 'llama3.2:latest', owned_by: 'library' });
    await using far = await RemoteModel.load(server.baseUrl, { model: 'llama3.2' });
    expect((await far.answer()).text).toBe('Hi');
  });

  it('fails in a way that can mend while the server is away', async () => {
    await server.away();
    await expect(RemoteModel.load(server.baseUrl)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      message: expect.stringMatching(/^Model "m" at 127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED\.$/),
    });
    await server.back();
  });

  it('fails for settings that are not its own', async () => {
    const loading = RemoteModel.load(server.baseUrl, { baseUrl: 'ftp://somewhere' });
    await expect(loading).rejects.toMatchObject({ code: 'config_invalid' });
  });
});

describe('a model whose server goes away', () => {
  it('is lost, with what runs, while nobody asks it anything', async () => {
    await using far = await RemoteModel.load(server.baseUrl, watchful);
    await server.away();
    await expect(far.model.lost).resolves.toMatchObject({
      code: 'engine_failed',
      retryable: true,
      message: expect.stringContaining('cannot be reached'),
    });
    expect((await far.answer()).error).toMatchObject({ code: 'engine_failed' });
    await server.back();
  });

  it('is looked after at once when an answer breaks off', async () => {
    await using far = await RemoteModel.load(server.baseUrl, {
      health: { intervalMs: 3_600_000, lostAfterMs: 50 },
    });
    server.chat(stream(says('Half'), { after: 'hang' }));
    const { error } = await far.answer({}, undefined, ({ type }) => {
      if (type === 'chunk') void server.away();
    });
    expect(error).toMatchObject({ code: 'engine_failed', retryable: true });
    await expect(far.model.lost).resolves.toMatchObject({ code: 'engine_failed' });
    await server.back();
  });

  it('is not lost while it is only away for a moment', async () => {
    await using far = await RemoteModel.load(server.baseUrl, {
      health: { intervalMs: 10, lostAfterMs: 60_000 },
    });
    await server.away();
    const { error } = await far.answer();
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    await server.back();
    expect((await far.answer()).text).toBe('Hi');
  });

  it('is not lost because it has too much to do', async () => {
    await using far = await RemoteModel.load(server.baseUrl, watchful);
    let asked = 0;
    server.models(() => {
      asked++;
      return json({ error: { message: 'slow down' } }, { status: 429 });
    });
    await eventually(() => expect(asked).toBeGreaterThan(10));
    expect((await far.answer()).text).toBe('Hi');
  });
});

describe('the key', () => {
  const key = 'sk-0123456789';

  it('goes with every request, from a variable or a file, in the header that the document names', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'key');
    await writeFile(file, `${key}\n`);
    await using bearer = await RemoteModel.load(
      server.baseUrl,
      { apiKey: { env: 'FAR_KEY' } },
      {},
      { FAR_KEY: key },
    );
    await bearer.answer();
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${key}`,
      `Bearer ${key}`,
    ]);
    server.asked.length = 0;
    await using plain = await RemoteModel.load(server.baseUrl, {
      apiKey: { file },
      authorization: 'api-key',
    });
    await plain.answer();
    await writeFile(file, 'another');
    await plain.answer();
    expect(server.asked.map(({ headers }) => headers['api-key'])).toEqual([key, key, 'another']);
    expect(server.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it('is missed by name when it is not there', async () => {
    await expect(RemoteModel.load(server.baseUrl, { apiKey: { env: 'FAR_KEY' } })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('The variable FAR_KEY, which should hold'),
    });
    await expect(
      RemoteModel.load(server.baseUrl, { apiKey: { file: '/nowhere/key' } }),
    ).rejects.toMatchObject({ message: expect.stringContaining('The file /nowhere/key') });
  });

  it('is shown in no error, whatever a server writes', async () => {
    await using far = await RemoteModel.load(
      server.baseUrl,
      { apiKey: { env: 'FAR_KEY' } },
      {},
      { FAR_KEY: key },
    );
    for (const status of [400, 401, 404, 500]) {
      server.chat(json({ error: { message: `key ${key} is odd` } }, { status }));
      const { error } = await far.answer();
      expect(error?.message).not.toContain(key);
      expect(JSON.stringify(error)).not.toContain(key);
    }
    expect(far.logs.join()).not.toContain(key);
  });
});
