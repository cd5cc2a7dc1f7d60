import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DocumentError } from '@parley/config';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { readConfigFolder } from './config-folder.ts';

const valid = (name: string, more = '') => `apiVersion: parley/v1
kind: Model
metadata: { name: ${name}, version: 1.0.0, title: { en: A small model. } }
spec:
  engine: gguf
  path: ../weights/${name}.gguf
  context: { tokens: 1024, slots: 4 }
${more}`;

async function folderWith(files: Record<string, string>) {
  const folder = await temporaryFolder();
  await mkdir(join(folder.path, 'models'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, 'models', name), text);
  return folder;
}

async function definitions(configDir: string) {
  return (await readConfigFolder({ configDir, cacheDir: '/cache' })).definitions;
}

async function faults(path: string): Promise<string[]> {
  try {
    await definitions(path);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.faults.map((fault) => `${fault.file.split('/').at(-1)}:${fault.line} ${fault.path}`);
  }
}

describe('model documents', () => {
  it('become definitions, with what they leave open filled in', async () => {
    await using folder = await folderWith({ 'a.yaml': valid('tiny', '  aliases: [default]\n') });
    expect(await definitions(folder.path)).toEqual([
      {
        name: 'tiny',
        version: '1.0.0',
        description: 'A small model.',
        engine: 'gguf',
        aliases: ['default'],
        path: join(folder.path, 'weights/tiny.gguf'),
        contextTokens: 1024,
        slots: 4,
        maxQueued: 2048,
        profile: {
          sampling: {},
          stop: [],
          systemRole: true,
        },
        terms: { license: '' },
        load: { when: 'start' },
        document: { digest: expect.stringMatching(/^[0-9a-f]{64}$/), file: 'models/a.yaml' },
      },
    ]);
  });

  it('name the folder of an ONNX model, and which of its files is meant', async () => {
    const onnx = valid('vectors').replace('engine: gguf', 'engine: onnx\n  precision: int8');
    const text = onnx.replace('../weights/vectors.gguf', 'cache:vectors');
    await using folder = await folderWith({ 'a.yaml': text, 'b.yaml': valid('tiny') });
    expect((await definitions(folder.path))[0]).toMatchObject({
      engine: 'onnx',
      path: '/cache/vectors',
      expected: { precision: 'int8', places: { precision: 'models/a.yaml:6: spec.precision' } },
    });
    await using wrong = await folderWith({ 'a.yaml': `${onnx}  shards: 2\n` });
    expect(await faults(wrong.path)).toEqual(['a.yaml:9 spec.shards']);
  });

  it('find pulled models in the cache', async () => {
    await using folder = await folderWith({ 'a.yaml': valid('tiny').replace('../weights/', 'cache:') });
    expect((await definitions(folder.path))[0]?.path).toBe('/cache/tiny.gguf');
  });

  it('say where the terms are, when to load, and which file it must be', async () => {
    const terms = '  terms: { license: MIT, url: "https://example.org/", commercialUse: true }\n';
    const more = `${terms}  load: { when: never }\n  sha256: ${'a'.repeat(64)}\n`;
    await using folder = await folderWith({ 'a.yaml': valid('tiny', more) });
    expect((await definitions(folder.path))[0]).toMatchObject({
      terms: { license: 'MIT', url: 'https://example.org/', commercialUse: true },
      load: { when: 'never' },
      sha256: 'a'.repeat(64),
    });
  });

  it('run on gguf unless they say otherwise', async () => {
    await using folder = await folderWith({ 'a.yaml': valid('tiny').replace('  engine: gguf\n', '') });
    expect((await definitions(folder.path))[0]?.engine).toBe('gguf');
  });

  it('of simulated models have settings in place of weights, which are their digest', async () => {
    const simulated = (name: string, tokenMs: number) =>
      valid(name, `  tokenMs: ${tokenMs}\n`)
        .replace('engine: gguf', 'engine: simulated')
        .replace(/ {2}path: .*\n/, '');
    await using folder = await folderWith({ 'a.yaml': simulated('a', 5), 'b.yaml': simulated('b', 6) });
    const [a, b] = await definitions(folder.path);
    expect(a).toMatchObject({
      engine: 'simulated',
      path: '',
      description: 'Simulated: makes up its answers, for tests of load only. A small model.',
      settings: { firstTokenMs: 50, tokenMs: 5, tokens: 64, jitter: 0 },
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(b?.sha256).not.toBe(a?.sha256);
  });

  it('are told all their faults together, with file, line and path', async () => {
    await using folder = await folderWith({
      'a.yaml': valid('tiny', '  aliases: [default]\n'),
      'b.yaml': valid('tiny', '  aliases: [default]\n'),
      'c.yaml': valid('c', '  speed: fast\n').replace('slots: 4', 'slots: 500'),
      'd.yaml': valid('d').replace('engine: gguf', 'engine: warp'),
      'e.yaml': 'kind: [Model\n',
      'f.yaml': valid('f', '  aliases: [default]\n'),
    });
    expect(await faults(folder.path)).toEqual([
      'b.yaml:3 metadata.name',
      'c.yaml:7 spec.context.slots',
      'c.yaml:8 spec.speed',
      'd.yaml:5 spec.engine',
      'e.yaml:2 ',
      'f.yaml:8 spec.aliases[0]',
    ]);
  });

  it('of another engine do not take its settings', async () => {
    await using folder = await folderWith({ 'a.yaml': valid('tiny', '  tokenMs: 5\n') });
    expect(await faults(folder.path)).toEqual(['a.yaml:8 spec.tokenMs']);
  });

  it('need not be there', async () => {
    await using folder = await temporaryFolder();
    expect(await definitions(folder.path)).toEqual([]);
  });
});

describe('the load policy of a document', () => {
  it('says when a model comes and leaves, and how its weights are read', async () => {
    const load = (text: string): string => valid('m', `  load: ${text}\n`);
    const policies = [
      [
        '{ when: first-use, unload: { idleMs: 60000 }, mmap: off }',
        { when: 'first-use', unload: { idleMs: 60_000 }, mmap: false },
      ],
      ['{ when: never, unload: never, mmap: auto }', { when: 'never' }],
      ['{ mmap: on }', { when: 'start', mmap: true }],
    ] as const;
    for (const [text, policy] of policies) {
      await using folder = await folderWith({ 'm.yaml': load(text) });
      expect((await definitions(folder.path))[0]?.load).toEqual(policy);
    }
  });

  it.each(['{ when: later }', '{ unload: { idleMs: 10 } }', '{ unload: soon }', '{ mmap: 1 }'])(
    'is refused with its place: %s',
    async (text) => {
      await using folder = await folderWith({ 'm.yaml': valid('m', `  load: ${text}\n`) });
      expect(await faults(folder.path)).toEqual([expect.stringMatching(/^m\.yaml:8 spec\.load\./)]);
    },
  );
});
