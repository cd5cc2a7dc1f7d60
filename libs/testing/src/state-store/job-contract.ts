import { describe, expect, test } from 'vitest';
import type { JobEndState, StateStore, StoredJob } from '@parley/state/ports';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';
import { added, aNewJob, claimed } from './job-fixture.ts';

/** Jobs as those see them who ask for them. */
export function jobContract(open: OpenStateStore): void {
  describe('a new job', () => {
    test('waits, and everybody can see it', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      const job = aNewJob();
      const stored = await mine.jobs.add(job, { maxQueued: 1, share: false });
      const waiting = { state: 'queued', owner: '', starts: 0, cancelRequested: false, endedAtMs: undefined };
      expect(stored).toMatchObject({ ...job, ...waiting, fence: { counter: 0 } });
      expect(await theirs.jobs.get(job.id)).toEqual(stored);
      expect(await theirs.jobs.get('another')).toBeUndefined();
    });

    test('is refused when its id exists', async () => {
      await using fixture = await open();
      const { id } = await added(fixture.store);
      await expect(added(fixture.store, { id })).rejects.toMatchObject({ code: 'conflict' });
    });

    test('is refused when its queue is full; running and ended jobs and other kinds do not count', async () => {
      await using fixture = await open();
      const { store } = fixture;
      for (let i = 0; i < 2; i++) await added(store);
      const { id, fence } = await claimed(store, 'me');
      await store.jobRuns.end(id, fence, { state: 'succeeded', document: '{}', endedAtMs: 1 });
      await added(store, { kind: 'load' });
      await store.jobs.add(aNewJob(), { maxQueued: 2, share: false });
      const refused = store.jobs.add(aNewJob(), { maxQueued: 2, share: false });
      await expect(refused).rejects.toMatchObject({ code: 'overloaded', retryable: true });
    });

    test('can be the one that is open already, for one of many that ask at the same time', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      const asked = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          clients[i % 2 === 0 ? 0 : 1].jobs.add(aNewJob(), { maxQueued: 1, share: true }),
        ),
      );
      expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
      const shared = (subject: string, kind = 'pull') =>
        fixture.store.jobs.add(aNewJob({ subject, kind }), { maxQueued: 9, share: true });
      expect((await shared('another')).id).not.toBe(asked[0]?.id);
      expect((await shared('smollm2', 'load')).id).not.toBe(asked[0]?.id);
      const running = await claimed(fixture.store, 'me');
      expect((await shared('smollm2')).id).toBe(running.id);
    });

    test('is a job of its own when the open one is to be cancelled, or has ended', async () => {
      await using fixture = await open();
      const { store } = fixture;
      const ids = new Set<string>();
      for (let round = 0; round < 3; round++) {
        const job = await store.jobs.add(aNewJob(), { maxQueued: 9, share: true });
        ids.add(job.id);
        if (round === 0) await claimed(store, 'me');
        await store.jobs.cancel(job.id, 2000);
      }
      expect(ids.size).toBe(3);
    });
  });

  describe('the list of jobs', () => {
    test('has the newest first, of the kinds asked for, up to a limit', async () => {
      await using fixture = await open();
      const { jobs } = fixture.store;
      const subjects = ['a', 'b', 'c', 'd'];
      for (const subject of subjects)
        await added(fixture.store, { subject, kind: subject === 'b' ? 'load' : 'pull' });
      const listed = async (kinds: string[], limit: number) =>
        (await jobs.list(kinds, limit)).map(({ subject }) => subject);
      expect(await listed(['pull', 'load'], 3)).toEqual(['d', 'c', 'b']);
      expect(await listed(['pull'], 10)).toEqual(['d', 'c', 'a']);
      expect(await listed([], 10)).toEqual([]);
    });
  });

  describe('a cancel', () => {
    test('ends a job that waits', async () => {
      await using fixture = await open();
      const { store } = fixture;
      const { id } = await added(store);
      const cancelled = { state: 'cancelled', endedAtMs: 2000 };
      expect(await store.jobs.cancel(id, 2000)).toMatchObject(cancelled);
      expect(await store.jobs.cancel(id, 3000)).toMatchObject(cancelled);
      expect(await store.jobRuns.claim(['pull'], 'me', 1000)).toBeUndefined();
      expect(await store.jobs.cancel('another', 2000)).toBeUndefined();
    });

    test('is told to the owner of one that runs, and does not change one that has ended', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      await added(mine);
      const { id, fence } = await claimed(mine, 'me');
      expect(await theirs.jobs.cancel(id, 2000)).toMatchObject({ state: 'running', cancelRequested: true });
      expect(await mine.jobRuns.renew('me', 1000)).toMatchObject([{ id, cancelRequested: true }]);
      await mine.jobRuns.end(id, fence, { state: 'succeeded', document: '{}', endedAtMs: 3000 });
      expect(await theirs.jobs.cancel(id, 4000)).toMatchObject({ state: 'succeeded', endedAtMs: 3000 });
    });
  });

  describe('pruning', () => {
    test('forgets jobs that ended long ago and all but the newest of the others, and counts', async () => {
      await using fixture = await open();
      const { store } = fixture;
      const ends = [100, 500, 400, 300];
      for (const endedAtMs of ends) await ended(store, endedAtMs, `${endedAtMs}`);
      await ended(store, 50, 'failed', 'failed');
      await added(store, { kind: 'load', subject: 'load' });
      await added(store, { subject: 'waits' });
      const counts = await store.jobs.prune(['pull', 'load'], 2, 350);
      expect(counts).toHaveLength(3);
      expect(counts).toEqual(
        expect.arrayContaining([
          { kind: 'pull', state: 'succeeded', count: 2 },
          { kind: 'pull', state: 'queued', count: 1 },
          { kind: 'load', state: 'queued', count: 1 },
        ]),
      );
      expect(await subjectsOf(store)).toEqual(['waits', 'load', '400', '500']);
      await store.jobs.prune(['pull'], 1, 0);
      expect(await subjectsOf(store)).toEqual(['waits', 'load', '500']);
      await store.jobs.prune(['load'], 0, 1000);
      expect(await subjectsOf(store)).toEqual(['waits', 'load', '500']);
    });
  });
}

async function ended(
  store: StateStore,
  endedAtMs: number,
  subject: string,
  state: JobEndState = 'succeeded',
): Promise<StoredJob> {
  await added(store, { subject });
  const job = await claimed(store, 'me');
  await store.jobRuns.end(job.id, job.fence, { state, document: '{}', endedAtMs });
  return job;
}

async function subjectsOf(store: StateStore): Promise<string[]> {
  return (await store.jobs.list(['pull', 'load'], 100)).map(({ subject }) => subject);
}
