import { ParleyError } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { TestInstances } from './support/test-instances.ts';

const states = async (jobs: { list(limit: number): Promise<readonly { state: string }[]> }) =>
  (await jobs.list(100)).map(({ state }) => state).toReversed();

describe('a job', () => {
  it('runs at once where it was started, and tells how far it is and how it ended', async () => {
    await using instances = new TestInstances();
    const { jobs, events } = instances.instance('one');
    const { id, ...made } = await jobs.start('pull', 'smollm2', { source: 'smollm2' });
    expect(made).toMatchObject({ kind: 'pull', subject: 'smollm2', state: 'queued', notes: [], progress: 0 });
    const work = await eventually(() => instances.started[0] ?? expect.unreachable());
    expect(work.params).toEqual({ source: 'smollm2' });
    work.progress.stage('downloading');
    work.progress.bytes(25, 100);
    work.progress.note('https://a.example was skipped: it cannot be reached.');
    await eventually(async () =>
      expect(await jobs.get(id)).toMatchObject({
        state: 'running',
        stage: 'downloading',
        progress: 0.25,
        doneBytes: 25,
        totalBytes: 100,
        notes: ['https://a.example was skipped: it cannot be reached.'],
      }),
    );
    instances.nowMs += 7000;
    work.succeed();
    await eventually(async () =>
      expect(await jobs.get(id)).toMatchObject({ state: 'succeeded', endedAtMs: instances.nowMs }),
    );
    expect(events.starts).toEqual([{ id, waitedMs: 0 }]);
    expect(events.ends).toEqual([{ id, state: 'succeeded', error: undefined }]);
  });

  it('saves its progress four times a second at most, however often it changes, and all of it at its end', async () => {
    await using instances = new TestInstances();
    let saves = 0;
    const { jobs, jobRuns } = instances.store;
    const counting = {
      claim: jobRuns.claim.bind(jobRuns),
      renew: jobRuns.renew.bind(jobRuns),
      end: jobRuns.end.bind(jobRuns),
      release: jobRuns.release.bind(jobRuns),
      save: (...args: Parameters<typeof jobRuns.save>) => {
        saves++;
        return jobRuns.save(...args);
      },
    };
    const one = instances.instance('one', { store: { jobs, jobRuns: counting } });
    const { id } = await one.jobs.start('pull', 'a', {});
    const { progress, succeed } = await eventually(() => instances.started[0] ?? expect.unreachable());
    const startedAt = performance.now();
    for (let done = 0; done < 300; done++) {
      progress.bytes(done, 300);
      progress.note(`line ${done}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    succeed();
    await eventually(async () => expect((await one.jobs.get(id)).state).toBe('succeeded'));
    expect(saves).toBeGreaterThan(0);
    expect(saves).toBeLessThanOrEqual((performance.now() - startedAt) / 250);
    const { notes, doneBytes } = await one.jobs.get(id);
    expect([notes.length, notes[0], notes.at(-1), doneBytes]).toEqual([100, 'line 200', 'line 299', 299]);
  });

  it('fails with the error of its work; what is no error of ours says no more than that', async () => {
    await using instances = new TestInstances();
    const { jobs, events } = instances.instance('one');
    const told = await jobs.start('pull', 'a', {});
    const untold = await jobs.start('pull', 'b', {});
    await eventually(() => expect(instances.started).toHaveLength(2));
    instances.started[0]?.fail(new ParleyError('unavailable', 'No source could be reached.'));
    instances.started[1]?.fail(new TypeError('x is not a function'));
    await eventually(async () => expect(await states(jobs)).toEqual(['failed', 'failed']));
    const error = { code: 'unavailable', message: 'No source could be reached.', retryable: true };
    expect(await jobs.get(told.id)).toMatchObject({ error });
    expect((await jobs.get(untold.id)).error).toMatchObject({ code: 'internal', retryable: false });
    expect(events.ends.map((end) => end.error?.cause)).toEqual([undefined, expect.any(TypeError)]);
  });

  it('that nobody knows is not found', async () => {
    await using instances = new TestInstances();
    const { jobs } = instances.instance('one');
    await expect(jobs.get('job_1_x')).rejects.toMatchObject({ code: 'not_found' });
    await expect(jobs.cancel('job_1_x')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the queue', () => {
  it('runs so many of a kind at once, lets so many wait, and refuses the next', async () => {
    await using instances = new TestInstances();
    const { jobs, events } = instances.instance('one', { concurrency: 1, maxQueued: 2 });
    await jobs.start('pull', 'a', {});
    await eventually(() => expect(instances.started).toHaveLength(1));
    for (const subject of ['b', 'c']) await jobs.start('pull', subject, {});
    await expect(jobs.start('pull', 'd', {})).rejects.toMatchObject({ code: 'overloaded', retryable: true });
    expect(await states(jobs)).toEqual(['running', 'queued', 'queued']);
    instances.nowMs += 3000;
    instances.started[0]?.succeed();
    await eventually(() => expect(instances.started).toHaveLength(2));
    expect(events.starts[1]).toMatchObject({ waitedMs: 3000 });
    expect(await states(jobs)).toEqual(['succeeded', 'running', 'queued']);
  });

  it('of one kind does not hold up another', async () => {
    await using instances = new TestInstances();
    const { jobs } = instances.instance('one', { concurrency: 1 });
    jobs.register('switch', async () => undefined);
    await jobs.start('pull', 'a', {});
    await jobs.start('pull', 'b', {});
    const { id } = await jobs.start('switch', 'default', {});
    await eventually(async () => expect((await jobs.get(id)).state).toBe('succeeded'));
    expect(instances.started).toHaveLength(1);
  });

  it('is shared: what one instance has no room for another begins', async () => {
    await using instances = new TestInstances();
    const one = instances.instance('one', { concurrency: 1 });
    const two = instances.instance('two', { concurrency: 1 });
    for (const subject of ['a', 'b']) await one.jobs.start('pull', subject, {});
    await eventually(() => expect(instances.started).toHaveLength(1));
    await two.jobs.beat();
    expect(instances.started.map(({ instance }) => instance)).toEqual(['one', 'two']);
  });

  it('gives the open job of a subject to those who share it', async () => {
    await using instances = new TestInstances();
    const { jobs } = instances.instance('one');
    const first = await jobs.start('pull', 'a', {}, { share: true });
    expect((await jobs.start('pull', 'a', {}, { share: true })).id).toBe(first.id);
    await eventually(() => expect(instances.started).toHaveLength(1));
    expect((await jobs.start('pull', 'a', {}, { share: true })).id).toBe(first.id);
    instances.started[0]?.succeed();
    await eventually(async () => expect((await jobs.get(first.id)).state).toBe('succeeded'));
    expect((await jobs.start('pull', 'a', {}, { share: true })).id).not.toBe(first.id);
  });

  it('keeps the newest 200 ended jobs, for 7 days, and counts what there is', async () => {
    await using instances = new TestInstances();
    const { jobs, events } = instances.instance('one');
    jobs.register('quick', async () => undefined, { concurrency: 50, maxQueued: 300 });
    for (let i = 0; i < 210; i++) await jobs.start('quick', `${i}`, {});
    await eventually(async () => {
      expect(await states(jobs)).toEqual(Array.from({ length: 200 }, () => 'succeeded').slice(0, 100));
      expect(events.counts).toContainEqual({ kind: 'quick', state: 'succeeded', count: 200 });
    });
    expect(events.counts).toContainEqual({ kind: 'pull', state: 'queued', count: 0 });
    instances.nowMs += 7 * 24 * 3_600_000 + 1;
    await jobs.beat();
    expect(await states(jobs)).toEqual([]);
    expect(events.counts).toContainEqual({ kind: 'quick', state: 'succeeded', count: 0 });
  });
});

describe('a cancel', () => {
  it('ends a job that waits, and one that runs', async () => {
    await using instances = new TestInstances();
    const { jobs, events } = instances.instance('one', { concurrency: 1 });
    const [first, second] = [await jobs.start('pull', 'a', {}), await jobs.start('pull', 'b', {})];
    await eventually(() => expect(instances.started).toHaveLength(1));
    expect(await jobs.cancel(second.id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
    await jobs.cancel(first.id);
    await eventually(async () => expect(await states(jobs)).toEqual(['cancelled', 'cancelled']));
    expect(instances.started).toHaveLength(1);
    expect(events.ends.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    expect(await jobs.cancel(first.id)).toMatchObject({ state: 'cancelled' });
    expect(events.ends).toHaveLength(2);
  });

  it('reaches the instance that runs the job, within a second, whoever was asked', async () => {
    await using instances = new TestInstances();
    const one = instances.instance('one');
    const two = instances.instance('two');
    await one.jobs.launch();
    const { id } = await one.jobs.start('pull', 'a', {});
    await eventually(() => expect(instances.started).toHaveLength(1));
    expect(await two.jobs.cancel(id)).toMatchObject({ state: 'running' });
    const asked = performance.now();
    await eventually(() => expect(instances.started[0]?.progress.signal.aborted).toBe(true));
    expect(performance.now() - asked).toBeLessThan(1000);
    await eventually(async () => expect(await states(two.jobs)).toEqual(['cancelled']));
  });

  it('comes too late for work that ends well all the same', async () => {
    await using instances = new TestInstances();
    const { jobs } = instances.instance('one');
    const { id } = await jobs.start('pull', 'a', {});
    await eventually(() => expect(instances.started).toHaveLength(1));
    instances.started[0]?.succeed();
    await jobs.cancel(id);
    await eventually(async () => expect(await states(jobs)).toEqual(['succeeded']));
  });
});

describe('a job that another service runs', () => {
  it('is answered for where that is said: shown, listed, cancelled, and never begun', async () => {
    await using instances = new TestInstances();
    const { jobs } = instances.instance('one');
    const { store } = instances;
    const job = { id: 'job_x', kind: 'export', subject: 's', params: '{}', document: '{}', createdAtMs: 1 };
    await store.jobs.add(job, { maxQueued: 1, share: false });
    await expect(jobs.get('job_x')).rejects.toMatchObject({ code: 'not_found' });
    expect(await jobs.list(10)).toEqual([]);
    jobs.answerFor('export');
    await jobs.beat();
    expect(await jobs.get('job_x')).toMatchObject({ kind: 'export', state: 'queued' });
    expect((await jobs.list(10)).map(({ id }) => id)).toEqual(['job_x']);
    expect(await jobs.cancel('job_x')).toMatchObject({ state: 'cancelled' });
    expect(instances.started).toEqual([]);
  });
});
