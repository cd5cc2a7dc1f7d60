import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileShardFolders } from '../src/adapters/outbound/convert/file-shard-folders.ts';
import { LlamaConverter } from '../src/adapters/outbound/convert/llama-converter.ts';
import { PythonEnvironment } from '../src/adapters/outbound/convert/python-environment.ts';
import { FileCacheRoom } from '../src/adapters/outbound/pull/file-cache-room.ts';
import { FileModelCache } from '../src/adapters/outbound/pull/file-model-cache.ts';
import { ConvertedFiles } from '../src/domain/convert/converted-files.ts';
import { FakeFileDigests } from '../src/ports/fake-file-digests.ts';
import { FakeMoveProgress } from '../src/ports/fake-move-progress.ts';
import { tinyShards } from './support/convert/tiny-shards.ts';

const environment = { PATH: '/usr/bin:/bin' };
let folder: TemporaryFolder;
const at = (...path: string[]): string => join(folder.path, ...path);

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** A program that stands for Python: `sh` with this body. */
async function python(body: string, name = 'python'): Promise<string> {
  await writeFile(at(name), `#!/bin/sh\n${body}\n`);
  await chmod(at(name), 0o700);
  return at(name);
}

async function withPython(program: string, progress = new FakeMoveProgress()): Promise<unknown> {
  await writeFile(at('requirements.txt'), 'numpy==2.2.6\n');
  const options = { folder: at('tools'), python: program, environment, requirements: at('requirements.txt') };
  return new PythonEnvironment(options).interpreter(progress);
}

/** What a Python of this version does that can make environments, whose pip does `pip`. */
const sound = (pip: string, version = '3.11'): string =>
  `case "$2" in import*) echo ${version};; venv) mkdir -p "$3/bin"; printf '#!/bin/sh\\n${pip}\\n' > "$3/bin/python"; chmod 700 "$3/bin/python";; esac`;

describe.skipIf(process.platform === 'win32')('the Python environment of the converter', () => {
  it('is made once, in a folder that is whole or not there', async () => {
    const program = await python(sound('exit 0'));
    const progress = new FakeMoveProgress();
    const made = await Promise.all([withPython(program, progress), withPython(program, progress)]);
    expect(made[0]).toMatch(/tools\/python3\.11-[0-9a-f]{12}\/bin\/python$/);
    expect(made[1]).toBe(made[0]);
    expect(progress.notes).toHaveLength(1);
    expect((await readdir(at('tools'))).filter((name) => name.includes('part'))).toEqual([]);
  });

  it.each([
    ['there is no Python', undefined, /There is no .*nowhere on this machine\. .*PARLEY_PYTHON/],
    ['it is too old', sound('exit 0', '3.8'), /needs Python 3\.11 to 3\.13; .* is 3\.8\./],
    [
      'it has no venv',
      'case "$2" in import*) echo 3.12;; *) echo "ensurepip is not available"; exit 1;; esac',
      /no venv and no pip .*python3-venv/,
    ],
    [
      'a package cannot be had',
      sound('echo "ERROR: No matching distribution found for numpy" >&2; exit 1'),
      /pip cannot fetch .*: ERROR: No matching distribution/,
    ],
  ])('says what to do when %s', async (_, body, message) => {
    const program = body === undefined ? at('nowhere') : await python(body);
    await expect(withPython(program)).rejects.toThrow(message);
    const left = existsSync(at('tools')) ? await readdir(at('tools')) : [];
    expect(left.filter((name) => name.startsWith('python'))).toEqual([]);
  });

  it('is given up within a moment when its work is', async () => {
    const program = await python(sound('exec sleep 600'));
    const progress = new FakeMoveProgress();
    const making = withPython(program, progress);
    await eventually(() => expect(progress.notes).toHaveLength(1));
    progress.abort(new Error('Enough.'));
    await expect(making).rejects.toThrow('Enough.');
    expect((await readdir(at('tools'))).filter((name) => name.startsWith('python'))).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('a converter that fails', () => {
  let shards = '';

  /** Converts the bundled model's folder by a program that stands for Python. */
  async function convert(body: string, progress = new FakeMoveProgress()): Promise<unknown> {
    await mkdir(at('cache'), { recursive: true });
    if (shards === '') shards = await tinyShards(at('mine'));
    const read = await new FileShardFolders(new FakeFileDigests()).read(shards, progress.signal);
    const place = { cacheFolder: at('cache'), toolFolder: at('tools'), environment };
    const wholePython = await python(body);
    const files = new ConvertedFiles({
      cache: new FileModelCache(at('cache')),
      room: new FileCacheRoom(at('cache')),
      converter: new LlamaConverter({ ...place, python: 'unused', wholePython }),
      bound: { makeRoom: () => Promise.resolve() },
    });
    return files.make({ name: 'mine', folder: read, sha256: 'a'.repeat(64), preTokenizer: '' }, progress);
  }

  const part = 'printf half > "$(dirname "$0")/cache/mine.gguf.part"';
  const left = async (): Promise<string[]> =>
    (await readdir(at('cache'))).filter((name) => name.includes('mine'));

  it('says why, and leaves nothing behind: killed, cancelled, or on a full disk', async () => {
    await expect(convert(`${part}; kill -9 $$`)).rejects.toMatchObject({
      code: 'engine_failed',
      message: 'The process that converts mine was ended by SIGKILL.',
    });
    const full = JSON.stringify({ fault: 'system', message: 'OSError', errno: 28 });
    await expect(convert(`${part}; echo '${full}'`)).rejects.toThrow(
      /cache cannot be written: the disk is full/,
    );
    const progress = new FakeMoveProgress();
    const converting = convert(`${part}; sleep 600 & wait`, progress);
    await eventually(() => expect(existsSync(at('cache/mine.gguf.part'))).toBe(true), { timeoutMs: 30_000 });
    progress.abort(new Error('Enough.'));
    await expect(converting).rejects.toThrow('Enough.');
    expect(await left()).toEqual([]);
    // The converter of the release itself was taken out of the package for it.
    expect(await readdir(at('tools/llama.cpp-v0.5.0'))).toEqual(
      expect.arrayContaining(['conversion', 'convert_hf_to_gguf.py', 'gguf-py']),
    );
  }, 60_000);
});
