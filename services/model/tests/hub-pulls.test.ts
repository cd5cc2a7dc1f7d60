import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { TestHub } from './support/pull/test-hub.ts';
import { bytesOf, digestOf, HeardProgress } from './support/pull/test-pulls.ts';
import { WholePulls } from './support/pull/whole-pulls.ts';

const [small, large, other] = [bytesOf(40_000), bytesOf(90_000, 2), bytesOf(70_000, 3)];

async function failure(pulls: WholePulls, source: string): Promise<{ code: string; message: string }> {
  return await pulls.pulls.pull(source, new HeardProgress()).then(
    () => ({ code: '', message: 'It was pulled.' }),
    (error: { code: string; message: string }) => error,
  );
}

describe('a repository of the hub', () => {
  it('is pulled by quantisation: the file it names, from the commit, with its digest and its terms', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    const commit = hub.publish('org/Nice-8B-GGUF', {
      files: {
        'README.md': small,
        'Nice-8B-Q4_K_M.gguf': large,
        'Nice-8B-Q4_K_S.gguf': small,
        'mmproj-Nice-8B-Q4_K_M.gguf': small,
        'deeper/Nice-8B-Q4_K_M.gguf': small,
      },
      cardData: { license: 'apache-2.0' },
    });
    const pulls = WholePulls.in(folder.path, { hub: { endpoint: hub.endpoint, token: '' } });
    const progress = new HeardProgress();
    await pulls.pulls.pull('hf:org/Nice-8B-GGUF:q4_k_m', progress);
    expect(pulls.shelf.registered).toMatchObject([
      {
        name: 'nice-8b-q4_k_m',
        path: join(folder.path, 'cache/nice-8b-q4_k_m.gguf'),
        sha256: digestOf(large),
        terms: { license: 'apache-2.0', url: hub.hub.url('/org/Nice-8B-GGUF'), commercialUse: true },
      },
    ]);
    expect(progress.notes[0]).toContain('licence apache-2.0, commercial use allowed');
    expect([progress.doneBytes, progress.totalBytes]).toEqual([90_000, 90_000]);
    expect(hub.hub.requests.at(-1)?.path).toBe(`/org/Nice-8B-GGUF/resolve/${commit}/Nice-8B-Q4_K_M.gguf`);
  });

  it('with several models is pulled by none unless one is named, and all are listed', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    hub.publish('org/many', {
      files: {
        'm-Q4_K_M.gguf': large,
        'm-Q8_0-00001-of-00002.gguf': small,
        'm-Q8_0-00002-of-00002.gguf': other,
      },
    });
    hub.publish('org/one', { files: { 'only.gguf': small, 'config.json': small } });
    const pulls = WholePulls.in(folder.path, { hub: { endpoint: hub.endpoint, token: '' } });
    const listed = 'hf:org/many:Q4_K_M (90.0 kB), hf:org/many:Q8_0 (110.0 kB, 2 parts)';
    expect(await failure(pulls, 'hf:org/many')).toMatchObject({
      code: 'invalid_request',
      message: `hf:org/many: It has several models; say which one: ${listed}.`,
    });
    expect((await failure(pulls, 'hf:org/many:Q4')).message).toContain(`no model "Q4"; it has: ${listed}`);
    expect((await failure(pulls, 'hf:org/many/none.gguf')).message).toContain(`no file "none.gguf"`);
    await pulls.pulls.pull('hf:org/one', new HeardProgress());
    expect(pulls.registered).toMatchObject([{ name: 'only', license: '' }]);
  });

  it('that holds no GGUF says what it holds, and what can be done', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    hub.publish('org/raw', { files: { 'model-00001-of-00002.safetensors': small } });
    const pulls = WholePulls.in(folder.path, { hub: { endpoint: hub.endpoint, token: '' } });
    expect(await failure(pulls, 'hf:org/raw')).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/safetensors.*converted to GGUF.*engine: openai/),
    });
  });

  it('whose model is split is pulled with all parts; the first one is what is served', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    const parts = [large, small, other];
    const files = Object.fromEntries(
      parts.map((part, at) => [`Q4/m-Q4_0-0000${at + 1}-of-00003.gguf`, part]),
    );
    hub.publish('org/split', { files });
    const pulls = WholePulls.in(folder.path, { hub: { endpoint: hub.endpoint, token: '' } });
    await pulls.pulls.pull('hf:org/split/Q4/m-Q4_0-00002-of-00003.gguf@main', new HeardProgress());
    const cache = join(folder.path, 'cache');
    for (const [at, part] of parts.entries())
      expect(await readFile(join(cache, `m-q4_0-0000${at + 1}-of-00003.gguf`))).toEqual(part);
    expect(pulls.registered).toMatchObject([
      { name: 'm-q4_0', path: join(cache, 'm-q4_0-00001-of-00003.gguf'), sha256: digestOf(large) },
    ]);
    const later = WholePulls.in(folder.path);
    await later.pulls.refresh(new AbortController().signal);
    expect(later.registered).toMatchObject([{ name: 'm-q4_0', sha256: digestOf(large) }]);
    await hub[Symbol.asyncDispose]();
  });

  it('with a part that is missing, or that came damaged, is not pulled', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    hub.publish('org/gap', { files: { 'm-00001-of-00002.gguf': small } });
    hub.publish('org/bad', { files: { 'b.gguf': large } });
    hub.store.on(`/store/${digestOf(large)}`, { content: bytesOf(90_000, 9), etag: '"x"' });
    const pulls = WholePulls.in(folder.path, { hub: { endpoint: hub.endpoint, token: '' } });
    expect((await failure(pulls, 'hf:org/gap')).message).toContain('has 1 of 2 parts');
    const { message } = await failure(pulls, 'hf:org/bad');
    expect(message).toContain(`not ${digestOf(large)}`);
    expect(pulls.registered).toEqual([]);
  });

  it('keeps its terms over a restart, and its name beside a file of the same name from elsewhere', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    for (const [name, content] of [
      ['one/m', small],
      ['two/m', large],
    ] as const)
      hub.publish(name, {
        files: { 'model.gguf': content },
        cardData: { license: 'other', license_name: 'cc-by-nc-4.0', license_link: 'https://example.org/l' },
      });
    const options = { hub: { endpoint: hub.endpoint, token: '' } };
    const pulls = WholePulls.in(folder.path, options);
    pulls.shelf.facts = { license: '', trainedContextTokens: 512 };
    for (const source of ['hf:one/m', 'hf:two/m', 'hf:two/m'])
      await pulls.pulls.pull(source, new HeardProgress());
    const later = WholePulls.in(folder.path, options);
    await later.pulls.restore();
    expect(later.shelf.registered).toMatchObject(
      [
        ['model-2', large],
        ['model', small],
      ].map(([name, content]) => ({
        name,
        sha256: digestOf(content as Buffer),
        contextTokens: 512,
        terms: { license: 'cc-by-nc-4.0', url: 'https://example.org/l', commercialUse: false },
      })),
    );
    expect(later.shelf.proved).toEqual([]);
  });
});

describe('a hub that wants a token', () => {
  it('gets it, from the secret’s file as it is now, and the store that it sends to does not', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    hub.publish('org/private', { files: { 'p.gguf': small }, token: 'hf_new' });
    const tokenFile = join(folder.path, 'token');
    await writeFile(tokenFile, 'hf_old\n');
    const pulls = WholePulls.in(folder.path, { hub: { endpoint: hub.endpoint, token: '', tokenFile } });
    const { message } = await failure(pulls, 'hf:org/private');
    expect(message).toContain('no such repository, or it is private; PARLEY_HF_TOKEN');
    await writeFile(tokenFile, 'hf_new\n');
    const progress = new HeardProgress();
    await pulls.pulls.pull('hf:org/private', progress);
    expect(pulls.registered).toMatchObject([{ name: 'p' }]);
    expect(hub.store.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(JSON.stringify([progress.notes, progress.stages, message])).not.toMatch(/hf_(old|new)/);
  });

  it('says of a gated repository what is to be done, and of what is not there what is missing', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    hub.publish('org/gated', { files: { 'g.gguf': small }, token: 'hf_new', gated: true });
    const pulls = WholePulls.in(folder.path, { hub: { endpoint: hub.endpoint, token: 'hf_other' } });
    expect(await failure(pulls, 'hf:org/gated')).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/it is gated: consent to its terms.*PARLEY_HF_TOKEN/),
    });
    expect((await failure(pulls, 'hf:org/gated/g.gguf')).message).toContain('it is gated');
    expect((await failure(pulls, 'hf:org/nothing')).message).toContain('it is not there (HTTP 404)');
    const answer = hub.hub;
    answer.on('/api/models/org/old/revision/v9', (_, response) =>
      response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end(),
    );
    expect((await failure(pulls, 'hf:org/old@v9')).message).toContain('no such revision');
  });
});

describe('a server of files without the hub’s list', () => {
  it('is pulled from by file, and the digest that it announces is checked', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    hub.publish('org/m', { files: { 'm.gguf': small } });
    hub.hub.on('/api/models/org/m/revision/main', (_, response) => response.writeHead(404).end());
    const pulls = WholePulls.in(folder.path, { hub: { endpoint: hub.endpoint, token: '' } });
    const progress = new HeardProgress();
    await pulls.pulls.pull('hf:org/m/m.gguf', progress);
    expect(progress.notes[0]).toContain('are not known beforehand');
    expect(pulls.registered).toMatchObject([{ sha256: digestOf(small) }]);
    hub.store.on(`/store/${digestOf(small)}`, { content: other, etag: '"y"' });
    expect((await failure(pulls, 'hf:org/m/m.gguf')).message).toContain(`not ${digestOf(small)}`);
  });
});

describe('two processes that pull the same at once', () => {
  it('fetch it once: one waits for the other, and both have it', async () => {
    await using hub = await TestHub.start();
    await using folder = await temporaryFolder();
    const content = bytesOf(3_000_000);
    hub.publish('org/big', { files: { 'big.gguf': content } });
    const cache = join(folder.path, 'cache');
    const program = join(import.meta.dirname, 'support/pull/pull-process.ts');
    const run = promisify(execFile);
    const both = await Promise.all(
      [1, 2].map(async () => {
        const { stdout } = await run(process.execPath, [program, cache, hub.endpoint, 'hf:org/big']);
        return JSON.parse(stdout) as { notes: string[]; stages: string[] };
      }),
    );
    expect(both.map(({ stages }) => stages.at(-1))).toEqual(['registered', 'registered']);
    expect(await readFile(join(cache, 'big.gguf'))).toEqual(content);
    expect(hub.store.requests).toHaveLength(1);
    const left = (await readdir(cache)).filter((name) => name.includes('.part'));
    expect(left).toEqual([]);
  });
});
