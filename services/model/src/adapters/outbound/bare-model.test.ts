import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DocumentError } from '@parley/config';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import type { ModelDefinition } from '../../domain/models/model-definition.ts';
import { readConfigFolder } from './config-folder.ts';

/** As the design shows it, down to the comment. */
const seed = `model:
  type: llama
  path: /models/llama-7b
  shards: 4
  gpu_memory: 8192   # MB
  precision: fp16
`;

const bundled = `apiVersion: parley/v1
kind: Model
metadata: { name: tiny, version: 1.0.0 }
spec:
  path: tiny.gguf
  aliases: [default, fast]
  context: { tokens: 1024, slots: 4 }
`;

async function folderWith(files: Record<string, string>): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await mkdir(join(folder.path, 'models'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, 'models', name), text);
  return folder;
}

async function definitions(files: Record<string, string>): Promise<readonly ModelDefinition[]> {
  await using folder = await folderWith(files);
  return (await readConfigFolder({ configDir: folder.path, cacheDir: '/cache' })).definitions;
}

async function faults(files: Record<string, string>): Promise<string[]> {
  try {
    await definitions(files);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.faults.map(
      ({ file, line, path, message }) => `${file.split('/').at(-1)}:${line} ${path} ${message}`,
    );
  }
}

describe('a model document in the short form', () => {
  it('is valid as the seed writes it: a model called after its folder, with the alias default', async () => {
    expect(await definitions({ 'llama.yaml': seed })).toMatchObject([
      {
        name: 'llama-7b',
        engine: 'gguf',
        path: '/models/llama-7b',
        aliases: ['default'],
        contextTokens: 4096,
        contextAtMost: true,
        slots: 4,
        load: { when: 'start' },
        expected: {
          family: 'llama',
          shards: 4,
          precision: 'fp16',
          places: {
            family: 'models/llama.yaml:2: model.type',
            shards: 'models/llama.yaml:4: model.shards',
            precision: 'models/llama.yaml:6: model.precision',
          },
        },
        gpu: { memoryBytes: 8192 * 1024 * 1024 },
        document: { file: 'models/llama.yaml' },
      },
    ]);
  });

  it('needs a family and a path only, and may name itself and its context', async () => {
    const text =
      'model: { type: qwen, path: ../Qwen 7B.gguf, name: mine, context: { tokens: 512, slots: 2 } }\n';
    const [model] = await definitions({ 'a.yaml': text });
    expect(model).toMatchObject({ name: 'mine', contextTokens: 512, slots: 2, expected: { family: 'qwen' } });
    expect(model).not.toHaveProperty('contextAtMost');
    expect(model).not.toHaveProperty('gpu');
    const [unnamed] = await definitions({ 'a.yaml': text.replace('name: mine, ', '') });
    expect(unnamed?.name).toBe('qwen-7b');
  });

  it('is the default, whoever else would be, and the other keeps its other aliases', async () => {
    const models = await definitions({ 'llama.yaml': seed, 'tiny.yaml': bundled });
    expect(models.map(({ name, aliases }) => [name, aliases])).toEqual([
      ['llama-7b', ['default']],
      ['tiny', ['fast']],
    ]);
  });

  it('tells its faults with file, line and path', async () => {
    const wrong = seed
      .replace('shards: 4', 'shards: none')
      .replace('fp16', 'fp12')
      .replace('type: llama', 'typ: llama');
    expect(
      (await faults({ 'a.yaml': wrong })).map((fault) => fault.split(' ').slice(0, 2).join(' ')),
    ).toEqual([
      'a.yaml:1 model.type',
      'a.yaml:2 model.typ',
      'a.yaml:4 model.shards',
      'a.yaml:6 model.precision',
    ]);
    expect(await faults({ 'a.yaml': seed, 'b.yaml': seed.replace('llama-7b', 'other') })).toEqual([
      'b.yaml:1 model "default" is taken by model "llama-7b"',
    ]);
    expect(await faults({ 'a.yaml': `${seed}more: 1\n` })).toEqual(['a.yaml:7 more is not a known key here']);
  });
});

describe('a model document in the long form', () => {
  it('says the same and more about shards and graphics cards', async () => {
    const more = `  family: llama
  shards: 2
  precision: int4
  sha256: [${'a'.repeat(64)}, ${'b'.repeat(64)}]
  gpu: { memoryMb: 100, layers: 20, split: row, tensorSplit: [3, 1] }
`;
    expect(await definitions({ 'tiny.yaml': bundled + more })).toMatchObject([
      {
        expected: {
          family: 'llama',
          shards: 2,
          precision: 'int4',
          places: { shards: 'models/tiny.yaml:9: spec.shards' },
        },
        partSha256: ['a'.repeat(64), 'b'.repeat(64)],
        gpu: { memoryBytes: 100 * 1024 * 1024, layers: 20, split: 'row', tensorSplit: [3, 1] },
      },
    ]);
  });
});
