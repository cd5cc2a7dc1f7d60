import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CachedFileDigests } from '../cached-file-digests.ts';
import { FileShardFolders } from './file-shard-folders.ts';

const { signal } = new AbortController();
let temporary: TemporaryFolder;
let folder: string;
let folders: FileShardFolders;

/** A safetensors file with one tensor of so many numbers of 16 bits. */
function shard(tensor: string, numbers: number): Buffer {
  const header = { [tensor]: { dtype: 'F16', shape: [numbers], data_offsets: [0, numbers * 2] } };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(numbers * 2)]);
}

const write = (name: string, content: string | Buffer): Promise<void> =>
  writeFile(join(folder, name), content);
const first = 'model-00001-of-00002.safetensors';
const second = 'model-00002-of-00002.safetensors';

beforeEach(async () => {
  temporary = await temporaryFolder();
  folder = join(temporary.path, 'mine');
  folders = new FileShardFolders(new CachedFileDigests(join(temporary.path, 'digests.json')));
  await mkdir(folder);
  await write('config.json', '{"architectures":["LlamaForCausalLM"]}');
  await write('tokenizer.json', '{}');
  await write('modeling.py', 'raise SystemExit');
  await write(first, shard('a', 100));
  await write(second, shard('b', 50));
  const index = { weight_map: { a: first, b: second } };
  await write('model.safetensors.index.json', JSON.stringify(index));
});
afterEach(() => temporary[Symbol.asyncDispose]());

describe('a folder of safetensors', () => {
  it('is read: its architecture, its shards, what goes with them, and what becomes of it', async () => {
    expect(await folders.holdsShards(folder)).toBe(true);
    expect(await folders.read(folder, signal)).toEqual({
      path: folder,
      name: 'mine',
      architecture: 'LlamaForCausalLM',
      shards: [first, second],
      // No code: it would be run.
      files: ['config.json', first, second, 'model.safetensors.index.json', 'tokenizer.json'],
      resultBytes: 150 * 2 + 16 * 1024 * 1024,
    });
  });

  it('has a digest that changes with any of its files, the tokenizer as well', async () => {
    const digest = async (): Promise<string> => folders.digest(await folders.read(folder, signal), signal);
    const before = await digest();
    expect(await digest()).toBe(before);
    await write('tokenizer.json', '{"changed":true}');
    expect(await digest()).not.toBe(before);
  });

  it('is none when a GGUF file lies in it, or it is no folder', async () => {
    await write('model.gguf', '');
    expect(await folders.holdsShards(folder)).toBe(false);
    expect(await folders.holdsShards(join(folder, 'config.json'))).toBe(false);
  });
});

describe('what is wrong with a folder is said with the file it is wrong in', () => {
  it.each([
    [
      'a shard that the index tells of',
      () => rm(join(folder, second)),
      `lacks 1 of the 2 files according to model.safetensors.index.json: ${second}.`,
    ],
    [
      'a shard, and there is no index',
      async () => {
        await rm(join(folder, 'model.safetensors.index.json'));
        await rm(join(folder, first));
      },
      `lacks 1 of the 2 files according to the names of the others: ${first}.`,
    ],
    ['the end of a shard', () => truncate(join(folder, second), 90), `${second} is cut off: it has 90 of`],
    ['the header of a shard', () => write(first, 'short'), `${first} is no safetensors file, or is cut off.`],
    [
      'a header that is JSON',
      () => write(first, shard('a', 1).fill('x', 8, 20)),
      `${first} has a header that is no JSON.`,
    ],
    ['config.json', () => rm(join(folder, 'config.json')), 'has no config.json'],
    ['the architecture', () => write('config.json', '{}'), 'names no architecture'],
    ['a config.json that is JSON', () => write('config.json', '{'), 'has a config.json that is no JSON.'],
    [
      'the tokenizer',
      () => rm(join(folder, 'tokenizer.json')),
      'has no tokenizer (tokenizer.json or tokenizer.model).',
    ],
    ['all of it', () => rm(folder, { recursive: true }), 'The folder mine does not exist.'],
  ] as [string, () => Promise<void>, string][])('without %s', async (_, spoil, message) => {
    await spoil();
    await expect(folders.read(folder, signal)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(message),
    });
  });
});
