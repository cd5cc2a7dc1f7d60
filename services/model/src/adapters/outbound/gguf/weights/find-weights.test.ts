import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import type { WantedWeights, WeightPrecision } from '../../../../ports/model-files.ts';
import { findWeights } from './find-weights.ts';

const places = { shards: 'models/m.yaml:4: model.shards', precision: 'models/m.yaml:6: model.precision' };

/** What lies in the folder `weights`; the names of the parts that are found, or the error's message. */
async function found(
  names: readonly string[],
  wanted: Partial<WantedWeights> = {},
  inside: Record<string, WeightPrecision> = {},
): Promise<string[] | string> {
  await using temporary = await temporaryFolder();
  const folder = join(temporary.path, 'weights');
  await mkdir(folder);
  for (const name of names) await writeFile(join(folder, name), '');
  const path = wanted.path === undefined ? folder : join(folder, wanted.path);
  const read = (paths: readonly string[]): Promise<Map<string, WeightPrecision | undefined>> =>
    Promise.resolve(new Map(paths.map((each) => [each, inside[basename(each)]])));
  try {
    const files = await findWeights({ places, ...wanted, model: 'm', path }, read);
    expect(files.path).toBe(files.parts[0]);
    if (files.unlike !== undefined) return files.unlike;
    return files.parts.map((part) => basename(part));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const four = [1, 2, 3, 4].map((part) => `llama-0000${part}-of-00004.gguf`);
const [one = '', , , last = ''] = four;

describe('the weights of a model', () => {
  it('are one file, or all parts of a split one, whichever of them is named', async () => {
    expect(await found(['a.gguf', 'b.gguf'], { path: 'a.gguf' })).toEqual(['a.gguf']);
    expect(await found(four, { path: four[0] ?? '' })).toEqual(four);
    expect(await found(four, { path: four[2] ?? '', shards: 4 })).toEqual(four);
  });

  it('are the one model of a folder', async () => {
    expect(await found(['a.gguf', 'README.md', 'mmproj-a.gguf', '.hidden.gguf'])).toEqual(['a.gguf']);
    expect(await found([...four, 'config.json'], { shards: 4 })).toEqual(four);
  });

  it('are those of a folder that have the precision asked for', async () => {
    const names = [
      'a.F16.gguf',
      'a-Q8_0.gguf',
      'a-q4_k_m-00001-of-00002.gguf',
      'a-q4_k_m-00002-of-00002.gguf',
    ];
    expect(await found(names, { precision: 'fp16' })).toEqual(['a.F16.gguf']);
    expect(await found(names, { precision: 'int8' })).toEqual(['a-Q8_0.gguf']);
    expect(await found(names, { precision: 'int4', shards: 2 })).toEqual(names.slice(2));
  });

  it('are looked into where their names do not tell', async () => {
    const inside = { 'one.gguf': 'fp16', 'two.gguf': 'int4' } as const;
    expect(await found(['one.gguf', 'two.gguf'], { precision: 'int4' }, inside)).toEqual(['two.gguf']);
  });
});

describe('weights that cannot be had as they are wanted are told: ', () => {
  it.each([
    ['a file that is not there', ['a.gguf'], { path: 'b.gguf' }, 'The weights file b.gguf does not exist.'],
    [
      'parts that are missing',
      [one, last],
      {},
      'The weights of model "m" are split into 4 parts; missing: llama-00002-of-00004.gguf, llama-00003-of-00004.gguf.',
    ],
    [
      'a first part that is missing',
      four.slice(1),
      { path: one },
      'The weights of model "m" are split into 4 parts; missing: llama-00001-of-00004.gguf.',
    ],
    [
      'another number of parts',
      four,
      { shards: 3 },
      `${places.shards}: Model "m" is to have 3 shards, but 4 are there: llama-00001-of-00004.gguf (4 parts).`,
    ],
    [
      'a file that is not split',
      ['a.gguf'],
      { shards: 4 },
      `${places.shards}: Model "m" is to have 4 shards, but a.gguf is one file. Split it with: parley models split a.gguf --parts 4 (or leave shards out: one file works as well)`,
    ],
    [
      'several models',
      ['a.gguf', 'b.gguf'],
      {},
      'The folder weights of model "m" holds several models: a.gguf, b.gguf. Name one as path, or say the precision.',
    ],
    [
      'several of that precision',
      ['a-f16.gguf', 'b-f16.gguf', 'b-q8_0.gguf'],
      { precision: 'fp16' },
      'The folder weights of model "m" holds several models of fp16: a-f16.gguf, b-f16.gguf. Name one as path.',
    ],
    [
      'none of that precision that can be made',
      ['a-f16.gguf'],
      { precision: 'int4' },
      `${places.precision}: The folder weights of model "m" has no file of precision int4; there are: a-f16.gguf. Make one with: parley models quantize m --to q4_k_m`,
    ],
    [
      'a file of another precision',
      ['a-f16.gguf'],
      { path: 'a-f16.gguf', precision: 'int8' },
      `${places.precision}: Model "m" is to have the precision int8, but that of a-f16.gguf is fp16. Make one with: parley models quantize m --to q8_0`,
    ],
    [
      'none of that precision that can be had here',
      ['a-q8_0.gguf', 'a-q6_k.gguf'],
      { precision: 'fp32' },
      `${places.precision}: The folder weights of model "m" has no file of precision fp32; there are: a-q6_k.gguf, a-q8_0.gguf. A file of fp32 must come from where the model comes from: nothing here makes one.`,
    ],
    ['an empty folder', [], {}, 'The folder weights of model "m" has no weights: it is empty.'],
  ] as [string, string[], Partial<WantedWeights>, string][])('%s', async (_, names, wanted, message) => {
    expect(await found(names, wanted)).toBe(message);
  });

  it('a folder of safetensors shards, with the two ways', async () => {
    await using temporary = await temporaryFolder();
    for (const shard of [1, 2])
      await writeFile(join(temporary.path, `model-0000${shard}-of-00002.safetensors`), '');
    await writeFile(join(temporary.path, 'config.json'), '{"architectures":["LlamaForCausalLM"]}');
    const finding = findWeights({ model: 'm', path: temporary.path }, () => Promise.resolve(new Map()));
    await expect(finding).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(
        /holds safetensors of LlamaForCausalLM in 2 files.*parley models convert .*engine: openai/,
      ),
    });
  });
});

it('digests beside the files are those of a list as sha256sum writes it', async () => {
  await using temporary = await temporaryFolder();
  for (const name of four) await writeFile(join(temporary.path, name), '');
  const lines = four.map((name, at) => `${String(at).repeat(64)}  ${name}\n`).join('');
  await writeFile(join(temporary.path, 'llama.gguf.sha256'), `${lines}${'f'.repeat(64)}  other.gguf\n`);
  const { sums } = await findWeights({ model: 'm', path: temporary.path }, () => Promise.resolve(new Map()));
  expect([...sums].map(([path, digest]) => [basename(path), digest[0]])).toEqual(
    four.map((name, at) => [name, String(at)]),
  );
});
