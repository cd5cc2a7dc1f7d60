import { ParleyError } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { FakeJobEvents } from '../src/fake-job-events.ts';
import { KeyedJobs } from '../src/keyed-jobs.ts';
import type { JobOrder } from '../src/keyed-jobs.ts';
import { TestInstances } from './support/test-instances.ts';

const keyed = { tenant: 'acme', route: 'POST /admin/v1/models/pull', key: 'k', fingerprint: 'body' };
const pull: JobOrder = { kind: 'pull', subject: 'smollm2', params: {} };

function keyedJobs(instances: TestInstances, owner: string): KeyedJobs {
  const { jobs, events } = instances.instance(owner);
  return new KeyedJobs(jobs, { store: instances.store.idempotency, events });
}

describe('a job that is asked for under an Idempotency-Key', () => {
  it('is one job for all who ask, at whichever instance, while it waits, runs and after its end', async () => {
    await using instances = new TestInstances();
    const [one, two] = [keyedJobs(instances, 'one'), keyedJobs(instances, 'two')];
    const asked = await Promise.all([one, two, one, two].map((jobs) => jobs.start(keyed, () => pull)));
    const [{ id } = { id: '' }] = asked;
    expect(asked.map((job) => job.id)).toEqual(asked.map(() => id));
    const work = await eventually(() => instances.started[0] ?? expect.unreachable());
    expect(await two.start(keyed, () => pull)).toMatchObject({ id, state: 'running' });
    work.succeed();
    await eventually(async () => {
      expect(await two.start(keyed, () => pull)).toMatchObject({ id, state: 'succeeded' });
    });
    expect(instances.started).toHaveLength(1);
  });

  it('does not need its order to be right any more', async () => {
    await using instances = new TestInstances();
    const jobs = keyedJobs(instances, 'one');
    const { id } = await jobs.start(keyed, () => pull);
    const outdated = (): never => {
      throw new ParleyError('conflict', 'Model "smollm2" is not loaded.');
    };
    expect((await jobs.start(keyed, outdated)).id).toBe(id);
    await expect(jobs.start({ ...keyed, key: 'another' }, outdated)).rejects.toMatchObject({
      code: 'conflict',
      message: 'Model "smollm2" is not loaded.',
    });
    expect((await jobs.start({ ...keyed, key: 'another' }, () => pull)).id, 'its key is free').not.toBe(id);
  });

  it('is refused with another body, and is a job of its own without a key', async () => {
    await using instances = new TestInstances();
    const jobs = keyedJobs(instances, 'one');
    const { id } = await jobs.start(keyed, () => pull);
    const other = { ...keyed, fingerprint: 'another body' };
    await expect(jobs.start(other, () => pull)).rejects.toMatchObject({ code: 'idempotency_mismatch' });
    expect((await jobs.start(undefined, () => pull)).id).not.toBe(id);
  });

  it('can be one that is open already, and stays that one', async () => {
    await using instances = new TestInstances();
    const jobs = keyedJobs(instances, 'one');
    const shared = { ...pull, share: true };
    const { id } = await jobs.start(undefined, () => shared);
    expect((await jobs.start(keyed, () => shared)).id).toBe(id);
    (await eventually(() => instances.started[0] ?? expect.unreachable())).succeed();
    await eventually(async () => {
      expect(await jobs.start(keyed, () => shared)).toMatchObject({ id, state: 'succeeded' });
    });
    expect((await jobs.start(undefined, () => shared)).id).not.toBe(id);
  });

  it('is not done again when it is no longer kept; a day later the key is free', async () => {
    await using instances = new TestInstances();
    const jobs = keyedJobs(instances, 'one');
    await jobs.start(keyed, () => pull);
    (await eventually(() => instances.started[0] ?? expect.unreachable())).succeed();
    const forgotten = async () => {
      await instances.store.jobs.prune(['pull'], 0, instances.nowMs);
      await jobs.start(keyed, () => pull);
    };
    await eventually(() => expect(forgotten()).rejects.toMatchObject({ code: 'conflict' }));
    expect(instances.started).toHaveLength(1);
    instances.nowMs += 24 * 3_600_000;
    await jobs.start(keyed, () => pull);
    await eventually(() => expect(instances.started).toHaveLength(2));
  });

  it('is found again when its instance went away before it could say so', async () => {
    await using instances = new TestInstances();
    const { jobs } = instances.instance('one');
    const idempotency = { ...bound(instances.store.idempotency), settle: () => never() };
    const dying = new KeyedJobs(jobs, { store: idempotency, events: new FakeJobEvents() });
    void dying.start(keyed, () => pull);
    const { id } = await eventually(async () => (await jobs.list(1))[0] ?? expect.unreachable());
    expect((await keyedJobs(instances, 'two').start(keyed, () => pull)).id).toBe(id);
  });
});

function never(): Promise<void> {
  return new Promise(() => undefined);
}

function bound(store: TestInstances['store']['idempotency']): TestInstances['store']['idempotency'] {
  return {
    claim: store.claim.bind(store),
    takeOver: store.takeOver.bind(store),
    settle: store.settle.bind(store),
    release: store.release.bind(store),
    forget: store.forget.bind(store),
  };
}
