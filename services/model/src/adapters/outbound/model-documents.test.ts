import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DocumentError } from '@parley/config';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { readModelDocuments } from './model-documents.ts';

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

function faults(path: string): string[] {
  try {
    readModelDocuments(path, '/cache', ['gguf']);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.faults.map((fault) => `${fault.file.split('/').at(-1)}:${fault.line} ${fault.path}`);
  }
}

describe('model documents', () => {
  it('become definitions, with what they leave open filled in', async () => {
    await using folder = await folderWith({ 'a.yaml': valid('tiny', '  aliases: [default]\n') });
    expect(readModelDocuments(folder.path, '/cache', ['gguf'])).toEqual([
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
      },
    ]);
  });

  it('find pulled models in the cache', async () => {
    await using folder = await folderWith({ 'a.yaml': valid('tiny').replace('../weights/', 'cache:') });
    expect(readModelDocuments(folder.path, '/cache', ['gguf'])[0]?.path).toBe('/cache/tiny.gguf');
  });

  it('are told all their faults together, with file, line and path', async () => {
    await using folder = await folderWith({
      'a.yaml': valid('tiny', '  aliases: [default]\n'),
      'b.yaml': valid('tiny', '  aliases: [default]\n'),
      'c.yaml': valid('c', '  speed: fast\n').replace('slots: 4', 'slots: 500'),
      'd.yaml': valid('d').replace('engine: gguf', 'engine: warp'),
      'e.yaml': 'kind: [Model\n',
    });
    expect(faults(folder.path)).toEqual([
      'c.yaml:7 spec.context.slots',
      'c.yaml:8 spec.speed',
      'e.yaml:2 ',
      'd.yaml:5 spec.engine',
      'b.yaml:3 metadata.name',
      'b.yaml:8 spec.aliases[0]',
    ]);
  });

  it('need their folder', async () => {
    await using folder = await temporaryFolder();
    expect(faults(folder.path)).toEqual(['models:1 ']);
  });
});
