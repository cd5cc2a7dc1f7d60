import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import { eventually, startScript, temporaryFolder } from '@parley/testing';
import { expect, it } from 'vitest';
import { FakeJobEvents } from '../src/fake-job-events.ts';
import { Jobs } from '../src/jobs.ts';
import { writeNumbers } from './support/writing-work.ts';

it('a job whose process is killed goes on in another process, where it was', async () => {
  await using folder = await temporaryFolder();
  const [path, file] = [join(folder.path, 'fleet.db'), join(folder.path, 'numbers')];
  await using owner = startScript(new URL('./support/job-owner.ts', import.meta.url), [path, 'victim', file]);
  const { id } = await eventually(
    () => {
      const told = owner.messages.at(-1) as { id: string; doneBytes: number } | undefined;
      expect(told?.doneBytes).toBeGreaterThan(20);
      return told ?? expect.unreachable();
    },
    { timeoutMs: 20_000 },
  );
  await owner.kill();
  const written = (await readFile(file, 'utf8')).length;
  // Eleven seconds later the victim's lease is over.
  const clock = { now: () => systemClock.now() + 11_000 };
  await using store = openSqliteState(path, { clock });
  const limits = { concurrency: 1, maxQueued: 1 };
  await using jobs = new Jobs({ store, owner: 'survivor', events: new FakeJobEvents(), limits, clock });
  jobs.register('write', writeNumbers);
  expect(await jobs.get(id)).toMatchObject({ state: 'running' });
  await jobs.launch();
  await eventually(async () => expect((await jobs.get(id)).state).toBe('succeeded'), { timeoutMs: 20_000 });
  expect((await jobs.get(id)).notes).toEqual([expect.stringContaining('Started again')]);
  const numbers = (await readFile(file, 'utf8')).trim().split('\n').map(Number);
  expect(numbers).toEqual(Array.from({ length: 400 }, (_, index) => index));
  expect(written).toBeGreaterThan(0);
});
