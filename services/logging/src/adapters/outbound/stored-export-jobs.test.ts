import { ParleyError, newPublicId, systemClock } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import type { JobEvents } from '@parley/jobs';
import type { StateStore } from '@parley/state/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoredExportJobs } from './stored-export-jobs.ts';

const silent: JobEvents = {
  started: () => undefined,
  ended: () => undefined,
  counted: () => undefined,
  storeFailed: () => undefined,
};
const isDead = { kind: 'export', subject: 's', params: '{}', document: '{}' };

let state: StateStore;
beforeEach(() => {
  state = openSqliteState(':memory:');
});
afterEach(() => state[Symbol.asyncDispose]());

function instance(
  owner: string,
  store = (): Promise<StateStore> => Promise.resolve(state),
): StoredExportJobs {
  return new StoredExportJobs({ store, owner, events: silent, clock: systemClock });
}

const stateOf = async (id: string): Promise<string | undefined> => (await state.jobs.get(id))?.state;

describe('exports as jobs', () => {
  it('get their own job each, although instances take the oldest there is', async () => {
    const instances = [instance('one'), instance('two'), instance('three')];
    const ids = Array.from({ length: 30 }, () => newPublicId('job'));
    await Promise.all(
      instances.map(async (jobs, n) => {
        for (const id of ids.filter((_, index) => index % 3 === n)) {
          const job = await jobs.begin(id, 'all');
          await jobs.beat();
          job.tell(3, 0.5);
          await job.end();
        }
      }),
    );
    expect(await Promise.all(ids.map(stateOf))).toEqual(ids.map(() => 'succeeded'));
  });

  it('end as cancelled as soon as somebody wants it', async () => {
    const jobs = instance('one');
    const id = newPublicId('job');
    const job = await jobs.begin(id, 'all');
    await state.jobs.cancel(id, Date.now());
    await jobs.beat();
    expect(job.signal.aborted).toBe(true);
    await job.end(new ParleyError('cancelled', 'It ended.'));
    expect(await stateOf(id)).toBe('cancelled');
  });

  it('are failed when their process has died, and let be while another is about to begin them', async () => {
    await state.jobs.add({ ...isDead, id: 'dead', createdAtMs: Date.now() }, { maxQueued: 9, share: false });
    await state.jobRuns.claim(['export'], 'a dead one', 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await instance('one').beat();
    expect(await stateOf('dead')).toBe('failed');
    await state.jobs.add({ ...isDead, id: 'fresh', createdAtMs: Date.now() }, { maxQueued: 9, share: false });
    await instance('two').beat();
    expect(await stateOf('fresh')).toBe('queued');
    await state.jobs.add({ ...isDead, id: 'stale', createdAtMs: 1 }, { maxQueued: 9, share: false });
    await state.jobs.cancel('fresh', Date.now());
    await instance('three').beat();
    expect(await stateOf('stale')).toBe('failed');
  });

  it('need the store when they begin, and not before', async () => {
    let isAway = true;
    const jobs = instance('one', () =>
      isAway ? Promise.reject(new ParleyError('unavailable', 'away')) : Promise.resolve(state),
    );
    await expect(jobs.begin('', 'all')).rejects.toMatchObject({ code: 'unavailable' });
    isAway = false;
    await (await jobs.begin('', 'all')).end();
    await jobs[Symbol.asyncDispose]();
    await expect(jobs.begin('', 'all')).rejects.toMatchObject({ code: 'unavailable' });
  });
});
