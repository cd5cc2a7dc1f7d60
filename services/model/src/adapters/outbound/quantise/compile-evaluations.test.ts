import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { readConfigFolder } from '../config-folder.ts';
import { ConfiguredEvaluations } from './compile-evaluations.ts';

const shipped = join(import.meta.dirname, '../../../../../../config');

const document = (name: string, spec: string): string =>
  `apiVersion: parley/v1\nkind: ModelEvaluation\nmetadata: { name: ${name}, version: 1.0.0 }\nspec:\n${spec}`;

async function read(...texts: string[]) {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'models'));
  for (const [at, text] of texts.entries()) await writeFile(join(folder.path, `models/e${at}.yaml`), text);
  return await readConfigFolder({ configDir: folder.path, cacheDir: '' });
}

describe('evaluations', () => {
  it('are a model’s own, or those for any model', async () => {
    const { evaluations } = await readConfigFolder({ configDir: shipped, cacheDir: '' });
    const configured = new ConfiguredEvaluations(evaluations);
    expect(configured.of('parley-tiny').questions.length).toBeGreaterThanOrEqual(100);
    expect(configured.of('another')).toMatchObject({ name: 'general' });
    expect(configured.of('another').text.length).toBeGreaterThan(8000);
    expect(configured.of('another').questions.length).toBeGreaterThanOrEqual(40);
  });

  it('ask in one line or in a conversation', async () => {
    const { evaluations } = await read(
      document(
        'own',
        '  models: [mine]\n  questions:\n    - { ask: Hi?, contains: [hello], maxTokens: 8 }\n' +
          '    - { messages: [{ role: user, content: Now. }], json: { a: 1 }, schema: { type: object } }\n',
      ),
    );
    expect(evaluations.get('mine')?.questions).toEqual([
      {
        messages: [{ role: 'user', content: 'Hi?' }],
        form: { kind: 'text' },
        maxTokens: 8,
        expect: { contains: ['hello'] },
      },
      {
        messages: [{ role: 'user', content: 'Now.' }],
        form: { kind: 'json-schema', schema: '{"type":"object"}' },
        maxTokens: 64,
        expect: { json: { a: 1 } },
      },
    ]);
  });

  it.each([
    ['without an expectation', '{ ask: Hi? }', 'must have one of exact, contains and json'],
    ['with two', '{ ask: Hi?, exact: a, contains: [b] }', 'must have one of exact, contains and json'],
    ['of nobody', '{ exact: a }', 'must have either ask or messages'],
  ])('are refused with the line of a question %s', async (_, question, message) => {
    const text = document('own', `  models: [mine]\n  questions:\n    - ${question}\n`);
    await expect(read(text)).rejects.toThrow(new RegExp(`e0\\.yaml:7.*${message}`));
  });

  it('are one for each model', async () => {
    const [one, two] = ['one', 'two'].map((name) => document(name, '  models: [mine]\n')) as [string, string];
    await expect(read(one, two)).rejects.toThrow(/e1\.yaml:5.*model "mine" is measured by "one" already/);
  });
});
