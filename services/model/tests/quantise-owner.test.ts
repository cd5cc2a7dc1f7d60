import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@parley/kernel';
import { eventually, llamaGguf, startScript, temporaryFolder, writeGguf } from '@parley/testing';
import { expect, it } from 'vitest';
import { writingJobs } from './support/quantise/quantise-job.ts';

interface Told {
  readonly id: string;
  readonly progress: number;
  readonly children: readonly number[];
}

const shape = {
  name: 'big',
  layers: 4,
  width: 512,
  heads: 8,
  keyHeads: 8,
  feedForward: 2048,
  vocabulary: 16_000,
  contextTokens: 2048,
  type: 'f16',
} as const;

it.skipIf(process.platform !== 'linux')(
  'a quantisation whose process is killed is begun again by another one, and its child does not outlive it',
  { timeout: 300_000 },
  async () => {
    await using folder = await temporaryFolder();
    const [path, cache, source] = ['fleet.db', 'cache', 'big.gguf'].map((name) =>
      join(folder.path, name),
    ) as [string, string, string];
    await mkdir(cache);
    await writeGguf(source, llamaGguf(shape, 3));
    await using owner = startScript(new URL('./support/quantise/quantise-owner.ts', import.meta.url), [
      path,
      cache,
      source,
    ]);
    const { id, children } = await eventually(
      () => {
        const told = owner.messages.at(-1) as Told | undefined;
        expect(told?.progress).toBeGreaterThan(0.1);
        expect(told?.children).not.toEqual([]);
        return told ?? expect.unreachable();
      },
      { timeoutMs: 120_000, everyMs: 5 },
    );
    await owner.kill();
    await eventually(() => expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]));
    expect(await readdir(cache)).toContain('big-q4_k_m.gguf.part');
    // Eleven seconds later the victim's lease is over.
    const clock = { now: () => systemClock.now() + 11_000 };
    await using jobs = writingJobs(path, cache, 'survivor', clock);
    expect(await jobs.get(id)).toMatchObject({ state: 'running' });
    await jobs.launch();
    await eventually(async () => expect((await jobs.get(id)).state).toBe('succeeded'), {
      timeoutMs: 120_000,
    });
    expect((await jobs.get(id)).notes).toContainEqual(expect.stringContaining('Started again'));
    expect((await readdir(cache)).filter((name) => name.startsWith('big')).toSorted()).toEqual([
      'big-q4_k_m.gguf',
      'big-q4_k_m.gguf.kept.json',
    ]);
  },
);
