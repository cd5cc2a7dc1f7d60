import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const config = join(root, 'config');

/** Folders of documents, and the schema that each of their kinds has. */
const schemaOfKind: Readonly<Record<string, string>> = {
  Assistant: 'assistant',
  MemoryStrategy: 'memory-strategy',
  Flow: 'flow',
  Model: 'model',
  ModelCatalog: 'model-catalog',
  ModelEvaluation: 'model-evaluation',
};

const documents = readdirSync(config, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.ya?ml$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(config, file), 'utf8') }));

describe('the JSON Schemas for editors and consumers', () => {
  it('are as the services and proto/ have them', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/schemas.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  }, 60_000);

  it('are named by every shipped configuration document', () => {
    expect(documents.length).toBeGreaterThan(3);
    for (const { file, text } of documents) {
      const kind = /^kind: (\w+)$/m.exec(text)?.[1] ?? '';
      const line = `# yaml-language-server: $schema=../schemas/${schemaOfKind[kind]}.json`;
      expect([file, text.split('\n').filter((each) => each === line)]).toEqual([file, [line]]);
    }
  });
});
