import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DocumentError } from '@parley/config';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import type { ModelDefinition } from '../../../domain/models/model-definition.ts';
import { readConfigFolder } from '../config-folder.ts';

const head = `apiVersion: parley/v1
kind: Model
metadata: { name: far, version: 1.0.0 }
spec:
  engine: openai
  context: { tokens: 8192, slots: 64 }
`;

async function read(spec: string): Promise<ModelDefinition | undefined> {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'models'));
  await writeFile(join(folder.path, 'models/far.yaml'), head + spec);
  return (await readConfigFolder({ configDir: folder.path, cacheDir: '/cache' })).definitions[0];
}

async function faults(spec: string): Promise<string[]> {
  try {
    await read(spec);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('the document of a remote model', () => {
  const plain = '  baseUrl: http://gpu-1:8000/v1\n  model: Qwen/Qwen3-8B\n';

  it('becomes a definition without a file, whose digest is address, name and revision', async () => {
    const definition = await read(plain);
    expect(definition).toMatchObject({ engine: 'openai', path: '', contextTokens: 8192, slots: 64 });
    expect(definition?.sha256).toMatch(/^[0-9a-f]{64}$/);
    const slash = await read(plain.replace('/v1', '/v1/'));
    expect(slash?.sha256).toBe(definition?.sha256);
    const others = [
      plain.replace('gpu-1', 'gpu-2'),
      plain.replace('8B', '14B'),
      `${plain}  revision: main\n`,
    ];
    for (const other of others) expect((await read(other))?.sha256).not.toBe(definition?.sha256);
    const withKey = await read(`${plain}  apiKey: { env: FAR_KEY }\n`);
    expect(withKey?.sha256).toBe(definition?.sha256);
  });

  it('finds the file of a key beside itself', async () => {
    const definition = await read(`${plain}  apiKey: { file: ../secrets/far }\n`);
    expect(definition?.settings?.['apiKey']).toEqual({
      file: expect.stringMatching(/^\/.*[^.]\/secrets\/far$/),
    });
  });

  it('holds no key, neither by itself nor in the address', async () => {
    expect(await faults(`${plain}  apiKey: sk-123\n`)).toEqual([
      'spec.apiKey: must name where the key is: { env: VARIABLE } or { file: PATH }',
    ]);
    const [fault] = await faults(plain.replace('http://', 'http://user:secret@'));
    expect(fault).toContain('spec.baseUrl: must be an http: or https: URL without user');
  });

  it('has no template, because the remote engine renders prompts', async () => {
    expect(await faults(`${plain}  profile: { template: x }\n`)).toEqual([
      'spec.profile.template: cannot be set: the remote engine renders prompts with its own template',
    ]);
  });

  it('is valid as the guide shows it', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../../../../../docs/models.md'), 'utf8');
    const [, shown] = /```yaml\n(apiVersion: [^`]*engine: openai[^`]*)```/.exec(guide) ?? [];
    expect(shown).toContain('baseUrl');
    expect(
      await read(shown?.split('engine: openai\n')[1]?.replace(/ {2}context:.*\n/, '') ?? ''),
    ).toMatchObject({
      aliases: ['default'],
    });
  });

  it('names a dialect that there is', async () => {
    const [fault] = await faults(`${plain}  dialect: klingon\n`);
    expect(fault).toContain('spec.dialect');
  });
});
