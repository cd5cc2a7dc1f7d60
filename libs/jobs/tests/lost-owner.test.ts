import { ParleyError } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { TestInstances } from './support/test-instances.ts';

/** Longer than a lease. */
const aWhileMs = 11_000;

describe('a job whose owner has died', () => {
  it('is started once more by another instance, with what it had told', async () => {
    await using instances = new TestInstances();
    const one = instances.instance('one');
    const two = instances.instance('two');
    const { id } = await one.jobs.start('pull', 'a', { source: 'x' });
    const first = await eventually(() => instances.started[0] ?? expect.unreachable());
    first.progress.note('told before');
    await eventually(async () => expect((await one.jobs.get(id)).notes).toEqual(['told before']));
    await two.jobs.beat();
    expect(instances.started).toHaveLength(1);
    instances.nowMs += aWhileMs;
    await two.jobs.beat();
    expect(instances.started[1]).toMatchObject({ instance: 'two', params: { source: 'x' } });
    expect(two.events.starts).toEqual([{ id, waitedMs: undefined }]);
    instances.started[1]?.succeed();
    await eventually(async () => expect((await two.jobs.get(id)).state).toBe('succeeded'));
    expect((await two.jobs.get(id)).notes).toEqual(['told before', expect.stringContaining('Started again')]);
  });

  it('fails with a reason when the second owner dies as well', async () => {
    await using instances = new TestInstances();
    const [one, two, three] = ['one', 'two', 'three'].map((owner) => instances.instance(owner).jobs);
    const { id } = (await one?.start('pull', 'a', {})) ?? expect.unreachable();
    await eventually(() => expect(instances.started).toHaveLength(1));
    for (const next of [two, three]) {
      instances.nowMs += aWhileMs;
      await next?.beat();
    }
    await eventually(async () => expect((await three?.get(id))?.state).toBe('failed'));
    const { error } = (await three?.get(id)) ?? expect.unreachable();
    expect(error).toMatchObject({ code: 'internal', message: expect.stringContaining('started twice') });
    expect(instances.started).toHaveLength(2);
  });

  it('is cancelled, not started, when it was to be cancelled', async () => {
    await using instances = new TestInstances();
    const one = instances.instance('one');
    const two = instances.instance('two');
    const { id } = await one.jobs.start('pull', 'a', {});
    await eventually(() => expect(instances.started).toHaveLength(1));
    await two.jobs.cancel(id);
    instances.nowMs += aWhileMs;
    await two.jobs.beat();
    await eventually(async () => expect((await two.jobs.get(id)).state).toBe('cancelled'));
    expect(instances.started).toHaveLength(1);
  });

  it('is left to its new owner by an old one that was only slow', async () => {
    await using instances = new TestInstances();
    const one = instances.instance('one');
    const two = instances.instance('two');
    const { id } = await one.jobs.start('pull', 'a', {});
    const slow = await eventually(() => instances.started[0] ?? expect.unreachable());
    instances.nowMs += aWhileMs;
    await two.jobs.beat();
    slow.progress.note('of the old owner');
    await one.jobs.beat();
    expect(slow.progress.signal.aborted).toBe(true);
    instances.started[1]?.succeed();
    await eventually(async () => expect((await two.jobs.get(id)).state).toBe('succeeded'));
    expect((await two.jobs.get(id)).notes).not.toContain('of the old owner');
    expect(one.events.ends).toEqual([]);
  });

  it('stays with an owner that was slow when nobody else took it', async () => {
    await using instances = new TestInstances();
    const { jobs } = instances.instance('one');
    await jobs.start('pull', 'a', {});
    await eventually(() => expect(instances.started).toHaveLength(1));
    instances.nowMs += aWhileMs;
    await jobs.beat();
    await instances.instance('two').jobs.beat();
    expect(instances.started).toHaveLength(1);
    expect(instances.started[0]?.progress.signal.aborted).toBe(false);
  });
});

describe('an instance that stops', () => {
  it('gives its jobs back: others start them at once, and that start is not counted', async () => {
    await using instances = new TestInstances();
    const owners = ['one', 'two', 'three', 'four'].map((owner) => instances.instance(owner).jobs);
    const [first, ...others] = owners;
    const { id } = (await first?.start('pull', 'a', {})) ?? expect.unreachable();
    await eventually(() => expect(instances.started).toHaveLength(1));
    await first?.[Symbol.asyncDispose]();
    for (const next of others) {
      expect(await next.get(id)).toMatchObject({ state: 'queued' });
      await next.beat();
      expect(await next.get(id)).toMatchObject({ state: 'running' });
      await next[Symbol.asyncDispose]();
    }
    expect(instances.started.map(({ instance }) => instance)).toEqual(['one', 'two', 'three', 'four']);
    await expect(first?.start('pull', 'b', {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('still ends what ends well, and what was cancelled', async () => {
    await using instances = new TestInstances();
    const one = instances.instance('one');
    const [kept, cancelled] = [await one.jobs.start('pull', 'a', {}), await one.jobs.start('pull', 'b', {})];
    await eventually(() => expect(instances.started).toHaveLength(2));
    instances.started[0]?.succeed();
    await one.jobs.cancel(cancelled.id);
    await one.jobs[Symbol.asyncDispose]();
    const { jobs } = instances.instance('two');
    expect(await jobs.get(kept.id)).toMatchObject({ state: 'succeeded' });
    expect(await jobs.get(cancelled.id)).toMatchObject({ state: 'cancelled' });
  });
});

describe('a store that is away', () => {
  it('is tried again: nothing is lost, nothing done twice', async () => {
    await using instances = new TestInstances();
    const { jobs, jobRuns } = instances.store;
    let away = false;
    const reached = <T>(call: () => Promise<T>): Promise<T> =>
      away ? Promise.reject(new ParleyError('unavailable', 'The store is away.')) : call();
    const shaky = {
      claim: (...args: Parameters<typeof jobRuns.claim>) => reached(() => jobRuns.claim(...args)),
      renew: (...args: Parameters<typeof jobRuns.renew>) => reached(() => jobRuns.renew(...args)),
      save: (...args: Parameters<typeof jobRuns.save>) => reached(() => jobRuns.save(...args)),
      end: (...args: Parameters<typeof jobRuns.end>) => reached(() => jobRuns.end(...args)),
      release: (...args: Parameters<typeof jobRuns.release>) => reached(() => jobRuns.release(...args)),
    };
    const one = instances.instance('one', { store: { jobs, jobRuns: shaky } });
    const { id } = await one.jobs.start('pull', 'a', {});
    const work = await eventually(() => instances.started[0] ?? expect.unreachable());
    away = true;
    work.progress.note('told while it was away');
    await one.jobs.beat();
    work.succeed();
    await eventually(() => expect(one.events.faults.length).toBeGreaterThanOrEqual(2));
    expect(await one.jobs.get(id)).toMatchObject({ state: 'running' });
    away = false;
    await eventually(async () => expect((await one.jobs.get(id)).state).toBe('succeeded'));
    expect((await one.jobs.get(id)).notes).toEqual(['told while it was away']);
    expect(instances.started).toHaveLength(1);
  });
});
