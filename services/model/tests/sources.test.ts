import { mkdir, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FileServer, status } from './support/pull/file-server.ts';
import { bytesOf, digestOf, HeardProgress, TestPulls, wanted } from './support/pull/test-pulls.ts';

const content = bytesOf(50_000);
const etag = '"one"';

/** Pulls from the sources in order, expects the last to be taken, and gives what was said about the others. */
async function skipped(pulls: TestPulls, ...sources: string[]): Promise<string[]> {
  const progress = new HeardProgress();
  const kept = await pulls.pull(wanted(content, ...sources), progress);
  expect(kept.source).toBe(sources.at(-1));
  expect(await pulls.read()).toEqual(content);
  expect(await pulls.files()).toEqual(['model.gguf', 'model.gguf.kept.json']);
  expect(progress.notes).toEqual(Array.from({ length: sources.length - 1 }, () => expect.any(String)));
  return progress.notes;
}

describe('a source that is of no use is skipped, and a line says why:', () => {
  it('one whose file has another digest; what came of it is thrown away', async () => {
    await using server = (await FileServer.start())
      .on('/wrong', { content: bytesOf(50_000, 2), etag })
      .on('/right', { content, etag });
    await using pulls = await TestPulls.start();
    const [line] = await skipped(pulls, server.url('/wrong'), server.url('/right'));
    expect(line).toContain(`${server.url('/wrong')} was skipped`);
    expect(line).toContain(digestOf(bytesOf(50_000, 2)));
    expect(line).toContain(digestOf(content));
  });

  it('one that lies about the length, before or while it sends', async () => {
    const long = Buffer.concat([content, bytesOf(100_000)]);
    await using server = (await FileServer.start())
      .on('/announces', { content: long, etag })
      .on('/sends-more', { content: long, etag, chunked: true })
      .on('/sends-less', { content: content.subarray(0, 20_000), chunked: true })
      .on('/right', { content, etag });
    await using pulls = await TestPulls.start();
    const bad = ['/announces', '/sends-more', '/sends-less'].map((path) => server.url(path));
    expect(await skipped(pulls, ...bad, server.url('/right'))).toEqual([
      expect.stringContaining('has 150000 bytes, not 50000'),
      expect.stringContaining('sends more than the 50000 bytes'),
      expect.stringContaining('ended after 20000 of 50000 bytes'),
    ]);
  });

  it('one that is not there, that wants a key, or that is broken for good', async () => {
    await using server = (await FileServer.start())
      .on('/secret', status(401))
      .on('/broken', status(500))
      .on('/right', { content, etag });
    await using pulls = await TestPulls.start();
    const bad = ['/nothing', '/secret', '/broken'].map((path) => server.url(path));
    expect(await skipped(pulls, ...bad, server.url('/right'))).toEqual([
      expect.stringContaining('is not there (HTTP 404)'),
      expect.stringContaining('wants a key'),
      expect.stringContaining('HTTP 500, 5 times'),
    ]);
    expect(server.rangesOf('/nothing')).toHaveLength(1);
  });

  it('one that cannot be reached, after two tries', async () => {
    await using server = (await FileServer.start()).on('/right', { content, etag });
    await using pulls = await TestPulls.start();
    const closed = await FileServer.start();
    const nobody = closed.url('/model');
    await closed[Symbol.asyncDispose]();
    const nowhere = 'https://parley-test.invalid/model';
    expect(await skipped(pulls, nobody, nowhere, server.url('/right'))).toEqual([
      expect.stringContaining('refuses connections, 2 times'),
      expect.stringMatching(/parley-test\.invalid.*(cannot be looked up|is not known) here, 2 times/),
    ]);
  });

  it('one that sends from one address to the next without end', async () => {
    await using server = (await FileServer.start())
      .on('/circle', status(302, { location: '/circle' }))
      .on('/elsewhere', status(302, { location: 'ftp://127.0.0.1/model' }))
      .on('/moved', status(301, { location: '/right' }))
      .on('/right', { content, etag });
    await using pulls = await TestPulls.start();
    const bad = ['/circle', '/elsewhere'].map((path) => server.url(path));
    expect(await skipped(pulls, ...bad, server.url('/moved'))).toEqual([
      expect.stringContaining('from one address to the next'),
      expect.stringContaining('neither https: nor http:'),
    ]);
    expect(server.rangesOf('/circle')).toHaveLength(6);
  });

  it('http: from other hosts than this one, unless that is allowed', async () => {
    await using server = (await FileServer.start()).on('/right', { content, etag });
    await using pulls = await TestPulls.start();
    const [line] = await skipped(pulls, 'http://192.0.2.1/model', server.url('/right'));
    expect(line).toContain('PARLEY_MODEL_ALLOW_HTTP');
  });

  it('a local file that is not there, is none, or has another length', async () => {
    await using server = (await FileServer.start()).on('/right', { content, etag });
    await using pulls = await TestPulls.start();
    await mkdir(pulls.path('folder'));
    await writeFile(pulls.path('short'), content.subarray(1));
    const local = ['none', 'folder', 'short'].map((name) => pathToFileURL(pulls.path(name)).href);
    expect(await skipped(pulls, ...local, server.url('/right'))).toEqual([
      expect.stringContaining('is not there'),
      expect.stringContaining('is no file'),
      expect.stringContaining('has 49999 bytes, not 50000'),
    ]);
  });
});

describe('sources', () => {
  it('that are all of no use fail the pull, and each is named with its reason', async () => {
    await using server = await FileServer.start();
    await using pulls = await TestPulls.start();
    const pull = pulls.pull(wanted(content, server.url('/one'), server.url('/two')));
    await expect(pull).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/model\.gguf.*\/one: it is not there.*\/two: it is not there/),
    });
    expect(await pulls.files()).toEqual([]);
  });

  it('at the hub are asked with the token, which goes to no other host', async () => {
    await using server = await FileServer.start();
    const path = '/org/model/resolve/v1/dir/file.gguf';
    server
      .on(path, status(302, { location: `http://localhost:${server.port}/cdn` }))
      .on('/cdn', { content, etag });
    const hub = { endpoint: server.url(''), token: 'hf_secret' };
    await using pulls = await TestPulls.start({ hub });
    const progress = new HeardProgress();
    await pulls.pull(wanted(content, 'hf:org/model/dir/file.gguf@v1'), progress);
    expect(server.requests.map(({ path: asked, headers }) => [asked, headers.authorization])).toEqual([
      [path, 'Bearer hf_secret'],
      ['/cdn', undefined],
    ]);
    expect(JSON.stringify([progress.notes, progress.stages])).not.toContain('hf_secret');
  });

  it('of this machine are copied', async () => {
    await using pulls = await TestPulls.start();
    await writeFile(pulls.path('my model.gguf'), content);
    const progress = new HeardProgress();
    await pulls.pull(wanted(content, pathToFileURL(pulls.path('my model.gguf')).href), progress);
    expect(await pulls.read()).toEqual(content);
    expect(progress.doneBytes).toBe(50_000);
  });

  it('are not asked any more when the disk has no room: it says how much there is and how much it takes', async () => {
    await using server = (await FileServer.start()).on('/model', { content, etag });
    const room = {
      freeBytes: () => Promise.resolve(67_000_000),
      discardPart: () => Promise.resolve(),
      discardStaleParts: () => Promise.resolve(0),
      unlessFetched: () => Promise.resolve(false),
      alone: <T>(_name: string, _signal: AbortSignal, _onWait: () => void, work: () => Promise<T>) => work(),
    };
    await using pulls = await TestPulls.start({}, room);
    const pull = pulls.pull(wanted(content, server.url('/model'), server.url('/other')));
    await expect(pull).rejects.toMatchObject({
      code: 'unavailable',
      retryable: false,
      message: expect.stringMatching(/67\.0 MB free; model\.gguf needs 50\.0 kB.*67\.1 MB must stay free/),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('cannot help when the cache cannot be written', async () => {
    await using server = (await FileServer.start()).on('/model', { content, etag });
    await using pulls = await TestPulls.start();
    await writeFile(pulls.folder, 'a file where the folder should be');
    const pull = pulls.pull(wanted(content, server.url('/model')));
    await expect(pull).rejects.toMatchObject({ message: expect.stringContaining(pulls.folder) });
    expect(server.requests).toEqual([]);
  });
});
