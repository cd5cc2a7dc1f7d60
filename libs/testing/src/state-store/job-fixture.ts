import { newPublicId } from '@parley/kernel';
import type { NewJob, StateStore, StoredJob } from '@parley/state/ports';

/** Long enough never to end within a test. */
export const longMs = 600_000;

/** A job of a new id. */
export function aNewJob(job: Partial<NewJob> = {}): NewJob {
  return {
    id: newPublicId('job'),
    kind: 'pull',
    subject: 'smollm2',
    params: '{"source":"smollm2"}',
    document: '{"stage":""}',
    createdAtMs: 1000,
    ...job,
  };
}

/** Puts a job into a queue with room, shared with none. */
export function added(store: StateStore, job: Partial<NewJob> = {}): Promise<StoredJob> {
  return store.jobs.add(aNewJob(job), { maxQueued: 100, share: false });
}

/** The next job of kind `pull` for `owner`. */
export async function claimed(store: StateStore, owner: string, ttlMs = longMs): Promise<StoredJob> {
  const job = await store.jobRuns.claim(['pull'], owner, ttlMs);
  if (job === undefined) throw new Error(`${owner} got no job`);
  return job;
}
