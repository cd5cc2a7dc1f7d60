import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine, Run } from './fakes/command-line.ts';
import { FakeGateway } from './fakes/fake-gateway.ts';

let cli: CommandLine;
let gateway: FakeGateway;
beforeEach(async () => {
  cli = commandLine();
  gateway = await FakeGateway.start();
});
afterEach(async () => {
  cli[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

function parley(...args: string[]): Run {
  return cli.parley(['models', ...args], gateway.env);
}

describe('parley models local', () => {
  it('shows the models of other programs, and why one cannot be used', async () => {
    gateway.on('GET /admin/v1/models/local', () => ({
      object: 'list',
      data: [
        {
          source: 'ollama:qwen3:0.6b',
          program: 'ollama',
          bytes: 522e6,
          license: 'Apache License',
          problem: '',
        },
        {
          source: 'lmstudio:a/b/c.gguf',
          program: 'lmstudio',
          bytes: 0,
          license: '',
          problem: 'its file is no GGUF.',
        },
      ],
    }));
    const run = parley('local');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe(
      [
        'SOURCE                    SIZE  LICENCE         USABLE',
        'ollama:qwen3:0.6b    497.8 MiB  Apache License  yes',
        'lmstudio:a/b/c.gguf          –  –               no: its file is no GGUF.',
        '',
      ].join('\n'),
    );
  });
});

describe('parley models prune', () => {
  const kept = { name: 'smol', bytes: 2e6, used_at: 1_764_000_000, needed: 'it is loaded' };
  const removed = { name: 'old', bytes: 3e6, used_at: 1_763_000_000, needed: '' };

  it('says what would go and what stays, and why', async () => {
    gateway.on('POST /admin/v1/models/prune', () => ({
      object: 'prune',
      dry_run: true,
      max_bytes: 2_500_000_000,
      removed: [removed],
      kept: [kept],
    }));
    const run = parley('prune', '--dry-run', '--max-bytes', '2.5GB');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe(
      [
        'MODEL     SIZE  LAST USED         WHAT',
        'old    2.9 MiB  2025-11-13T02:13  would go',
        'smol   1.9 MiB  2025-11-24T16:00  stays: it is loaded',
        'Bound 2.3 GiB; would be removed 2.9 MiB, kept 1.9 MiB.',
        '',
      ].join('\n'),
    );
  });

  it('says so when there is no bound, and refuses what is no size', async () => {
    gateway.on('POST /admin/v1/models/prune', () => ({
      object: 'prune',
      dry_run: false,
      max_bytes: 0,
      removed: [],
      kept: [{ ...kept, needed: '' }],
    }));
    const run = parley('prune');
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toContain('The cache has no bound (PARLEY_MODEL_CACHE_MAX_BYTES, or --max-bytes)');
    expect(await parley('prune', '--max-bytes', 'much').ended).not.toBe(0);
  });
});
