import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documentsOf, readDocuments } from '@parley/config';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { modelKind } from '../model-document-schema.ts';
import { evaluationKind } from '../quantise/evaluation-schema.ts';
import { catalogKind } from './catalog-schema.ts';
import { compileCatalog } from './compile-catalog.ts';

const shipped = join(import.meta.dirname, '../../../../../../config');

const entry = (name: string, file: string, digit: string, more = '') => `
    - name: ${name}
      title: { en: A model }
      description: { en: For tests. }
      terms: { license: MIT }
      languages: [en]
      parameters: 1000
      contextTokens: 512
      serve: { tokens: 512, slots: 2 }
      files:
        - name: ${file}
          bytes: 10
          sha256: ${digit.repeat(64)}
          sources: ["https://example.org/${file}"${more}]`;

async function compiled(...entries: string[]) {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'models'));
  const head = 'apiVersion: parley/v1\nkind: ModelCatalog\nmetadata: { name: mine, version: 1.0.0 }\n';
  await writeFile(join(folder.path, 'models/mine.yaml'), `${head}spec:\n  models:${entries.join('')}\n`);
  const { documents, faults } = await readDocuments(folder.path, [modelKind, catalogKind]);
  const catalog = compileCatalog(documentsOf(documents, catalogKind));
  const told = [...faults, ...catalog.faults].map(({ line, path }) => `${line} ${path}`);
  return { entries: catalog.entries, faults: told };
}

describe('the catalogue', () => {
  it('that is shipped has no fault, and its models are what they are said to be', async () => {
    const { documents, faults } = await readDocuments(shipped, [modelKind, catalogKind, evaluationKind]);
    const catalog = compileCatalog(documentsOf(documents, catalogKind));
    expect([...faults, ...catalog.faults]).toEqual([]);
    const smollm = catalog.entries.find(({ name }) => name === 'smollm2-135m');
    expect(smollm).toMatchObject({
      engine: 'gguf',
      terms: { license: 'Apache-2.0', commercialUse: true },
      profile: { sampling: { temperature: 0.2, topP: 0.9, repeatPenalty: 1.1 } },
      files: [{ name: 'SmolLM2-135M-Instruct.Q4_1.gguf', bytes: 98_362_432 }],
    });
    expect(smollm?.files[0]?.sources.map(({ kind }) => kind)).toEqual(['pypi', 'hf']);
    for (const { title, description } of catalog.entries) {
      expect(title).toHaveProperty('zh-CN');
      expect(description).toHaveProperty('zh-CN');
    }
  });

  it('fills in what entries leave open', async () => {
    const { entries, faults } = await compiled(entry('small', 'small.gguf', 'a'));
    expect(faults).toEqual([]);
    expect(entries).toMatchObject([
      { name: 'small', engine: 'gguf', profile: { sampling: {}, stop: [], systemRole: true } },
    ]);
  });

  it('is told its faults with line and path: names taken, sources that are none, paths out of the cache', async () => {
    const { faults } = await compiled(
      entry('small', 'small.gguf', 'a'),
      entry('small', 'other.gguf', 'b'),
      entry('third', 'small.gguf', 'c', ', "ftp://example.org/x"'),
    );
    expect(faults).toEqual(
      [
        '19 spec.models[1].name',
        '44 spec.models[2].files[0].sources[1]',
        '41 spec.models[2].files[0].name',
      ].toSorted(),
    );
    const outside = await compiled(entry('small', '../small.gguf', 'a'));
    expect(outside.faults).toEqual(['15 spec.models[0].files[0].name']);
  });
});
