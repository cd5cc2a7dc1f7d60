import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine } from './fakes/command-line.ts';

interface Finding {
  name: string;
  ok: boolean;
  required: boolean;
  detail: string;
}

let cli: CommandLine;
beforeEach(() => {
  cli = commandLine();
  writeFileSync(join(cli.dir, 'small.gguf'), 'GGUF');
  writeFileSync(
    join(cli.config, 'models/small.yaml'),
    'kind: Model\nmetadata: { name: small }\nspec: { path: ../../small.gguf }\n',
  );
});
afterEach(() => cli[Symbol.dispose]());

async function doctor(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; ok: boolean; find: (name: string) => Finding | undefined }> {
  const run = cli.parley(['doctor', '--json', ...args], env);
  const code = await run.ended;
  const { ok, findings } = JSON.parse(run.stdout()) as { ok: boolean; findings: Finding[] };
  return { code, ok, find: (name) => findings.find((finding) => finding.name === name) };
}

describe('parley doctor', () => {
  it('finds this machine fit, and says what it has', async () => {
    const short = join(cli.config, 'models/llama.yaml');
    writeFileSync(short, 'model: { type: llama, path: ../../weights }\n');
    mkdirSync(join(cli.dir, 'weights'));
    writeFileSync(join(cli.dir, 'weights/a.gguf'), Buffer.alloc(2 * 1024 ** 2));
    const { code, ok, find } = await doctor([]);
    expect([code, ok]).toEqual([0, true]);
    expect(find('Node')?.detail).toBe(process.versions.node);
    expect(find('Engine')?.ok).toBe(true);
    expect(find('Model small')?.detail).toContain('small.gguf');
    expect(find(`Model ${short}`)?.detail).toContain('weights (2 MiB)');
    expect(find('Redis')?.required).toBe(false);
  });

  it('ends with 1 when the file of a model is missing', async () => {
    writeFileSync(
      join(cli.config, 'models/big.yaml'),
      'kind: Model\nmetadata: { name: big }\nspec: { path: "cache:big.gguf" }\n',
    );
    const { code, find } = await doctor([], { PARLEY_MODEL_CACHE: '/models' });
    expect(code).toBe(1);
    expect(find('Model big')).toMatchObject({
      ok: false,
      required: true,
      detail: '/models/big.gguf is missing',
    });
    expect(find('Model small')?.ok).toBe(true);
  });

  it('ends with 1 when there is no model, or no usable data folder', async () => {
    expect((await doctor(['--config', '/nowhere'])).find('Models')?.detail).toContain(
      '/nowhere does not exist',
    );
    const { code, find } = await doctor(['--data', join(cli.dir, 'small.gguf', 'data')]);
    expect(code).toBe(1);
    expect(find('Data folder')?.detail).toContain('a part of the path is a file');
  });

  it('names a server given by its address without showing the address', async () => {
    const run = cli.parley(['doctor'], { PARLEY_REDIS_URL: 'redis://:secret@db:6379' });
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toMatch(/✓ Redis +given by PARLEY_REDIS_URL/);
    expect(run.stdout()).not.toContain('secret');
  });
});
