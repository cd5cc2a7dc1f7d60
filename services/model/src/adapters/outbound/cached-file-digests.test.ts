import { createHash } from 'node:crypto';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { CachedFileDigests } from './cached-file-digests.ts';

const { signal } = new AbortController();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('file digests', () => {
  it('are the sha256 of the content, remembered while the file stays as it is', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'weights');
    const cache = join(folder.path, 'data', 'digests.json');
    await writeFile(file, 'one');
    expect(await new CachedFileDigests(cache).digest(file, signal)).toEqual({
      sha256: sha256('one'),
      bytes: 3,
    });
    const known = JSON.parse(await readFile(cache, 'utf8')) as Record<string, { sha256: string }>;
    await writeFile(cache, JSON.stringify(known).replace(sha256('one'), sha256('remembered')));
    expect((await new CachedFileDigests(cache).digest(file, signal)).sha256).toBe(sha256('remembered'));
    await writeFile(file, 'two');
    await utimes(file, 1, 1);
    expect((await new CachedFileDigests(cache).digest(file, signal)).sha256).toBe(sha256('two'));
  });

  it('do without a cache that is broken or cannot be written', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'weights');
    await writeFile(file, 'one');
    await writeFile(join(folder.path, 'broken'), '{');
    for (const cache of [join(folder.path, 'broken'), join(file, 'below-a-file')]) {
      expect((await new CachedFileDigests(cache).digest(file, signal)).sha256).toBe(sha256('one'));
    }
  });

  it('of a file that is not there are a fault that names it, without its folder', async () => {
    await using folder = await temporaryFolder();
    const digests = new CachedFileDigests(join(folder.path, 'digests.json'));
    await expect(digests.digest(join(folder.path, 'gone.gguf'), signal)).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'The weights file gone.gguf does not exist.',
    });
  });
});
