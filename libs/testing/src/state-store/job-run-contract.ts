import { describe, expect, test } from 'vitest';
import { aFence } from '../builders.ts';
import { eventually } from '../eventually.ts';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';
import { added, claimed, longMs } from './job-fixture.ts';

const end = { state: 'succeeded', document: '{"stage":"done"}', endedAtMs: 5000 } as const;

/** Jobs as those see them who run them. */
export function jobRunContract(open: OpenStateStore): void {
  describe('a claim', () => {
    test('takes the oldest job of the kinds asked for', async () => {
      await using fixture = await open();
      const [store, runner] = await twoClients(fixture);
      const first = await added(store, { kind: 'load' });
      const [second, third] = [await added(store), await added(store)];
      expect((await claimed(runner, 'me')).id).toBe(second.id);
      expect(await runner.jobRuns.claim([], 'me', longMs)).toBeUndefined();
      const loaded = await runner.jobRuns.claim(['pull', 'load'], 'me', longMs);
      expect(loaded).toMatchObject({ id: first.id, state: 'running', owner: 'me', starts: 1 });
      expect((await claimed(runner, 'me')).id).toBe(third.id);
      expect(await runner.jobRuns.claim(['pull', 'load'], 'me', longMs)).toBeUndefined();
    });

    test('goes to one of many that try at the same time', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      await added(fixture.store);
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          clients[i % 2 === 0 ? 0 : 1].jobRuns.claim(['pull'], `owner-${i}`, longMs),
        ),
      );
      expect(claims.filter((job) => job !== undefined)).toHaveLength(1);
    });

    test('takes the job of an owner whose time is over, before younger ones, with a greater fence', async () => {
      await using fixture = await open();
      const [store, runner] = await twoClients(fixture);
      await added(store);
      await added(store);
      const first = await claimed(store, 'mortal', 50);
      const second = await eventually(async () => {
        const job = await runner.jobRuns.claim(['pull'], 'living', longMs);
        if (job !== undefined && job.id !== first.id) await runner.jobRuns.release(job.id, job.fence);
        expect(job?.id).toBe(first.id);
        return job;
      });
      expect(second).toMatchObject({ owner: 'living', starts: 2 });
      expect(second?.fence.epoch).toBe(first.fence.epoch);
      expect(second?.fence.counter).toBeGreaterThan(first.fence.counter);
    });
  });

  describe('a renewal', () => {
    test('keeps the jobs of an owner, and lists them', async () => {
      await using fixture = await open();
      const { store } = fixture;
      await added(store);
      await added(store);
      const job = await claimed(store, 'me', 1000);
      expect(await store.jobRuns.renew('me', longMs)).toEqual([job]);
      expect(await store.jobRuns.renew('they', longMs)).toEqual([]);
      await claimed(store, 'they');
      const until = performance.now() + 1200;
      await eventually(async () => {
        expect(await store.jobRuns.claim(['pull'], 'third', longMs)).toBeUndefined();
        if (performance.now() < until) throw new Error('not yet');
      });
    });

    test('comes too late when another has the job by then', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      await added(mine);
      await claimed(mine, 'me', 1);
      const taken = await eventually(() => claimed(theirs, 'they'));
      expect(await mine.jobRuns.renew('me', longMs)).toEqual([]);
      expect(await theirs.jobRuns.renew('they', longMs)).toEqual([taken]);
    });

    test('leaves out what has ended', async () => {
      await using fixture = await open();
      const { store } = fixture;
      await added(store);
      const job = await claimed(store, 'me');
      await store.jobRuns.end(job.id, job.fence, end);
      expect(await store.jobRuns.renew('me', longMs)).toEqual([]);
    });
  });

  describe('the owner of a job', () => {
    test('writes its document and its end', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      await added(mine);
      const { id, fence } = await claimed(mine, 'me');
      await mine.jobRuns.save(id, fence, '{"stage":"half"}');
      expect(await theirs.jobs.get(id)).toMatchObject({ state: 'running', document: '{"stage":"half"}' });
      await mine.jobRuns.end(id, fence, end);
      expect(await theirs.jobs.get(id)).toMatchObject(end);
    });

    test('can write nothing once it has ended, or with another fence', async () => {
      await using fixture = await open();
      const { jobs, jobRuns } = fixture.store;
      await added(fixture.store);
      const { id, fence } = await claimed(fixture.store, 'me');
      const expectStale = async (stale: typeof fence): Promise<void> => {
        const before = await jobs.get(id);
        await expect(jobRuns.save(id, stale, '{}')).rejects.toMatchObject({ code: 'stale_fence' });
        await expect(jobRuns.end(id, stale, end)).rejects.toMatchObject({ code: 'stale_fence' });
        await jobRuns.release(id, stale);
        expect(await jobs.get(id)).toEqual(before);
      };
      await expectStale({ ...fence, counter: fence.counter + 1 });
      await expectStale(aFence({ counter: fence.counter }));
      await jobRuns.end(id, fence, end);
      await expectStale(fence);
    });

    test('can put it back: it keeps its place, its document and its cancel, and the start is not counted', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      await added(mine);
      await added(mine);
      const { id, fence } = await claimed(mine, 'me');
      await mine.jobRuns.save(id, fence, '{"stage":"half"}');
      await mine.jobs.cancel(id, 2000);
      await mine.jobRuns.release(id, fence);
      const again = await claimed(theirs, 'they');
      const expected = { id, starts: 1, document: '{"stage":"half"}', cancelRequested: true };
      expect(again).toMatchObject(expected);
      await expect(mine.jobRuns.save(id, fence, '{}')).rejects.toMatchObject({ code: 'stale_fence' });
    });
  });
}
