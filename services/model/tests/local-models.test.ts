import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { HeardProgress } from './support/pull/test-pulls.ts';
import { WholePulls } from './support/pull/whole-pulls.ts';

const { signal } = new AbortController();
const weights = (text: string): Buffer => Buffer.from(`GGUF${text}`);
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** A model as Ollama keeps it: a manifest by name, its layers as blobs by digest. */
async function ollama(folder: string, name: string, layers: Record<string, Buffer>): Promise<void> {
  const listed = Object.entries(layers).map(([type, content]) => ({
    mediaType: `application/vnd.ollama.image.${type}`,
    digest: `sha256:${sha256(content)}`,
    size: content.length,
  }));
  await put(join(folder, 'manifests', name), JSON.stringify({ schemaVersion: 2, layers: listed }));
  for (const content of Object.values(layers))
    await put(join(folder, 'blobs', `sha256-${sha256(content)}`), content);
}

/** A repository as the hub's clients and llama.cpp keep it: content by digest, and links to it for each commit. */
async function hubCache(folder: string, repository: string, file: string, content: Buffer): Promise<void> {
  const root = join(folder, `models--${repository.replace('/', '--')}`);
  const commit = 'c'.repeat(40);
  await put(join(root, 'refs/main'), commit);
  await put(join(root, 'blobs', sha256(content)), content);
  const link = join(root, 'snapshots', commit, file);
  await mkdir(dirname(link), { recursive: true });
  await symlink(join(root, 'blobs', sha256(content)), link);
}

/** The three programs, each with its models; a fresh cache beside them. */
async function machine(
  folder: TemporaryFolder,
): Promise<{ pulls: WholePulls; paths: Record<string, string> }> {
  const at = (name: string): string => join(folder.path, name);
  const paths = { ollama: at('ollama'), lmStudio: at('lmstudio'), hub: at('hub'), llamaCpp: at('llama') };
  await ollama(paths.ollama, 'registry.ollama.ai/library/qwen3/0.6b', {
    model: weights('qwen'),
    license: Buffer.from('\n  Apache License\nVersion 2.0\n'),
    params: Buffer.from(JSON.stringify({ stop: ['<end>'], temperature: 0.6, top_k: 20, num_ctx: 8 })),
  });
  await ollama(paths.ollama, 'registry.ollama.ai/library/qwen3/latest', { model: weights('latest') });
  await ollama(paths.ollama, 'hf.co/org/repo/Q4_K_M', { model: weights('hub'), adapter: weights('lora') });
  await ollama(paths.ollama, 'registry.ollama.ai/me/cloud/latest', { params: Buffer.from('{}') });
  await put(join(paths.lmStudio, 'org/nice-GGUF/nice-Q8_0.gguf'), weights('nice'));
  await put(join(paths.lmStudio, 'org/nice-GGUF/mmproj-nice.gguf'), weights('eyes'));
  await put(join(paths.lmStudio, 'org/part/p-00002-of-00002.gguf'), weights('two'));
  await put(join(paths.lmStudio, 'org/not/not.gguf'), 'something else');
  await hubCache(paths.hub, 'org/llama', 'deep/l-Q4_0.gguf', weights('llama'));
  await put(join(paths.llamaCpp, 'org_old_o.gguf'), weights('old'));
  const { ollama: own, lmStudio, hub, llamaCpp } = paths;
  const local = { ollama: [own], lmStudio: [lmStudio], hubCaches: [hub], llamaCpp: [llamaCpp, at('none')] };
  return { pulls: WholePulls.in(folder.path, { local }), paths };
}

describe('models of other programs', () => {
  it('are found as each program keeps them, with what cannot be used and why', async () => {
    await using folder = await temporaryFolder();
    const { pulls } = await machine(folder);
    const models = await pulls.pulls.listLocal(signal);
    expect(models.map(({ program, name, problem }) => `${program}:${name} ${problem}`.trim())).toEqual([
      'ollama:hf.co/org/repo:Q4_K_M it has an adapter or several files of weights.',
      'ollama:qwen3:0.6b',
      'ollama:qwen3:latest',
      'ollama:me/cloud:latest Ollama holds no GGUF file of it.',
      'lmstudio:org/nice-GGUF/nice-Q8_0.gguf',
      'lmstudio:org/not/not.gguf its file is no GGUF.',
      'lmstudio:org/part/p-00002-of-00002.gguf 1 of its 2 parts are missing.',
      'llamacpp:org/llama/deep/l-Q4_0.gguf',
      'llamacpp:org_old_o.gguf',
    ]);
  });

  it('are used where they are: with Ollama’s digest, terms and settings, and nothing is copied', async () => {
    await using folder = await temporaryFolder();
    const { pulls, paths } = await machine(folder);
    pulls.shelf.facts = { license: '', trainedContextTokens: 2048 };
    const progress = new HeardProgress();
    await pulls.pulls.pull('ollama:qwen3:0.6b', progress);
    const digest = sha256(weights('qwen'));
    expect(pulls.shelf.registered).toMatchObject([
      {
        name: 'qwen3-0.6b',
        path: join(paths['ollama'] ?? '', 'blobs', `sha256-${digest}`),
        sha256: digest,
        contextTokens: 2048,
        terms: { license: 'Apache License' },
        profile: { sampling: { temperature: 0.6, topK: 20 }, stop: ['<end>'] },
        load: { when: 'never' },
      },
    ]);
    expect(progress.notes[0]).toContain('nothing is copied');
    const left = (await readdir(join(folder.path, 'cache'), { recursive: true })).toSorted();
    expect(left).toEqual(['.adopted', '.adopted/qwen3-0.6b.json']);
  });

  it('are there again after a restart, and no more once the other program has removed them', async () => {
    await using folder = await temporaryFolder();
    const { pulls, paths } = await machine(folder);
    for (const source of [
      'ollama:qwen3',
      'lmstudio:org/nice-GGUF/nice-Q8_0.gguf',
      'llamacpp:org/llama/deep/l-Q4_0.gguf',
    ])
      await pulls.pulls.pull(source, new HeardProgress());
    await pulls.pulls.pull('ollama:QWEN3:latest', new HeardProgress());
    const later = WholePulls.in(folder.path);
    await later.pulls.restore();
    expect(later.registered.map(({ name, sha256: digest }) => [name, digest])).toEqual([
      ['l-q4_0', sha256(weights('llama'))],
      ['nice-q8_0', undefined],
      ['qwen3', sha256(weights('latest'))],
    ]);
    await rm(paths['ollama'] ?? '', { recursive: true });
    const last = WholePulls.in(folder.path);
    await last.pulls.refresh(signal);
    expect(last.registered.map(({ name }) => name)).toEqual(['l-q4_0', 'nice-q8_0']);
    expect(await readFile(join(paths['lmStudio'] ?? '', 'org/nice-GGUF/nice-Q8_0.gguf'))).toEqual(
      weights('nice'),
    );
  });

  it('that are not there, or are of no use, are refused with what there is', async () => {
    await using folder = await temporaryFolder();
    const { pulls } = await machine(folder);
    await expect(pulls.pulls.pull('ollama:nothing', new HeardProgress())).rejects.toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining('There are: ollama:hf.co/org/repo:Q4_K_M, ollama:qwen3:0.6b'),
    });
    await expect(pulls.pulls.pull('lmstudio:org/not/not.gguf', new HeardProgress())).rejects.toMatchObject({
      code: 'unsupported',
      message: '"lmstudio:org/not/not.gguf" cannot be used: its file is no GGUF.',
    });
    await expect(WholePulls.in(folder.path).pulls.pull('ollama:x', new HeardProgress())).rejects.toThrow(
      'No models of ollama were found on this machine.',
    );
  });
});

describe('the bound of a cache on a disk', () => {
  it('removes what was used longest ago when another comes, also from the shelves of other processes', async () => {
    await using folder = await temporaryFolder();
    const source = async (name: string): Promise<string> => {
      await put(join(folder.path, name), Buffer.alloc(1000, name));
      return `file://${join(folder.path, name)}`;
    };
    const pulls = WholePulls.in(folder.path, { maxBytes: 2500 });
    const neighbour = WholePulls.in(folder.path);
    for (const name of ['a.gguf', 'b.gguf']) await pulls.pulls.pull(await source(name), new HeardProgress());
    await neighbour.pulls.refresh(signal);
    expect(neighbour.registered.map(({ name }) => name)).toEqual(['a', 'b']);
    await age(folder.path, 'a.gguf', 20);
    await age(folder.path, 'b.gguf', 10);
    await pulls.pulls.pull(await source('c.gguf'), new HeardProgress());
    const cache = (await readdir(join(folder.path, 'cache'))).filter((name) => name.endsWith('.gguf'));
    expect(cache.toSorted()).toEqual(['b.gguf', 'c.gguf']);
    await neighbour.pulls.refresh(signal);
    expect(neighbour.shelf.forgotten).toEqual(['a']);
    await expect(pulls.pulls.pull(await source('d.gguf'), new HeardProgress())).resolves.toBeUndefined();
    await pulls.cache.touch('d.gguf');
    await expect(pulls.pulls.pull(await source('e.gguf'), new HeardProgress())).rejects.toThrow(
      /may hold 2\.5 kB .*e needs 1\.0 kB, and 2\.0 kB are needed by others: c, it was in use a moment ago; d/,
    );
    expect((await pulls.cache.list()).map(({ name }) => name)).toEqual(['c.gguf', 'd.gguf']);
    expect((await pulls.bound.prune({ maxBytes: 1 })).removed).toEqual([]);
  });
});

/** Makes a file of the cache one that was used so many minutes ago. */
async function age(folder: string, name: string, minutes: number): Promise<void> {
  const then = new Date(Date.now() - minutes * 60_000);
  await utimes(join(folder, 'cache', `${name}.kept.json`), then, then);
}
