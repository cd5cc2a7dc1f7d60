import { RunningJob, emptyJobDocument, sharedJobKinds } from '@parley/jobs';
import type { JobEvents, JobProgress } from '@parley/jobs';
import { ParleyError, newPublicId, shardOfId, sleep, untilAborted } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { JobRunStore, JobStore, StoredJob } from '@parley/state/ports';
import type { ExportJob, ExportJobs } from '../../ports/export-jobs.ts';

const kind = sharedJobKinds.export;
/** How long a job stays this process's without a renewal, as for all jobs. */
const leaseMs = 10_000;
/** Exports that run here at once: each reads the record as fast as it is taken. */
const maxRunning = 4;
/** Jobs of all instances that wait to be begun; each waits for a moment only. */
const maxQueued = 100;
/** Another instance that took a job by mistake gives it back at once. */
const claimTries = 50;
const claimPauseMs = 20;
const endWaitsMs = 2_000;
const keptJobs = 200;
const keptMs = 7 * 24 * 3_600_000;
/** Of the beats, every tenth looks for what dead processes left. */
const beatsBetweenSearches = 10;

/** A StateStore, as far as jobs need it. */
interface Stores {
  readonly jobs: JobStore;
  readonly jobRuns: JobRunStore;
}

/** What the jobs need from outside. */
export interface ExportJobParts {
  /** Opens the store when it is first needed. */
  readonly store: () => Promise<Stores>;
  /** This instance, new with every start of its process. */
  readonly owner: string;
  readonly events: JobEvents;
  readonly clock: Clock;
}

/**
 * Exports as jobs of the StateStore. Only the process that has the reader's connection can do the work, so it claims its
 * job itself; a job whose process has died is failed by whichever instance finds it.
 */
export class StoredExportJobs implements ExportJobs, AsyncDisposable {
  readonly #parts: ExportJobParts;
  readonly #running = new Map<string, RunningJob>();
  readonly #ends = new Set<Promise<void>>();
  #beats = 0;
  #closed = false;

  constructor(parts: ExportJobParts) {
    this.#parts = parts;
  }

  async begin(id: string, subject: string): Promise<ExportJob> {
    if (id !== '' && (!id.startsWith('job_') || shardOfId(id) === undefined))
      throw new ParleyError('invalid_request', 'job_id is not the id of a job.', { param: 'job_id' });
    if (this.#closed) throw new ParleyError('unavailable', 'The logging service stops.');
    if (this.#running.size >= maxRunning) {
      const message = `${maxRunning} exports run here already. Wait until one has ended, or cancel it.`;
      throw new ParleyError('overloaded', message, { retryAfterMs: 10_000 });
    }
    const { clock } = this.#parts;
    const store = await this.#parts.store();
    const document = JSON.stringify(emptyJobDocument);
    const job = { id: id === '' ? newPublicId('job') : id, kind, subject, params: '{}', document };
    await store.jobs.add({ ...job, createdAtMs: clock.now() }, { maxQueued, share: false });
    return this.#run(await this.#claim(store, job.id), store);
  }

  /** Says that this process lives, hears cancels, and now and then ends the jobs of processes that do not. */
  async beat(): Promise<void> {
    const { owner, clock } = this.#parts;
    const isSearch = this.#beats++ % beatsBetweenSearches === 0;
    if (this.#running.size === 0 && !isSearch) return;
    const store = await this.#parts.store();
    if (this.#running.size > 0) {
      const owned = new Map((await store.jobRuns.renew(owner, leaseMs)).map((job) => [job.id, job]));
      for (const [id, job] of this.#running) {
        const stored = owned.get(id);
        if (stored === undefined) job.lose();
        else if (stored.cancelRequested) job.cancel();
      }
    }
    if (!isSearch) return;
    const left = await store.jobRuns.claim([kind], owner, leaseMs);
    if (left !== undefined) await this.#settle(store, left);
    await store.jobs.prune([kind], keptJobs, clock.now() - keptMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#ends);
  }

  async #claim(store: Stores, id: string): Promise<StoredJob> {
    const { owner } = this.#parts;
    for (let attempt = 0; attempt < claimTries; attempt++) {
      const job = await store.jobRuns.claim([kind], owner, leaseMs);
      if (job?.id === id) return job;
      if (job === undefined) await sleep(claimPauseMs);
      else await this.#settle(store, job);
    }
    throw new ParleyError(
      'unavailable',
      'The export cannot begin now: its job was taken by another process.',
    );
  }

  /** What another instance has just added it will claim itself; what is older has nobody any more. */
  async #settle(store: Stores, job: StoredJob): Promise<void> {
    const { clock, events } = this.#parts;
    const isFresh = job.starts <= 1 && clock.now() - job.createdAtMs < leaseMs;
    if (isFresh && !job.cancelRequested) return store.jobRuns.release(job.id, job.fence);
    const gone = new ParleyError(
      'unavailable',
      'The process that exported has ended. Export again, "after" the last event that came.',
    );
    await new RunningJob(job, { store: store.jobRuns, events, clock }).run(() => Promise.reject(gone));
  }

  #run(stored: StoredJob, store: Stores): ExportJob {
    const { clock, events } = this.#parts;
    const job = new RunningJob(stored, { store: store.jobRuns, events, clock });
    const outcome = Promise.withResolvers<void>();
    let begun: JobProgress | undefined;
    this.#running.set(stored.id, job);
    const ended: Promise<void> = job
      .run((_params, progress) => {
        begun = progress;
        return outcome.promise;
      })
      .finally(() => {
        this.#running.delete(stored.id);
        this.#ends.delete(ended);
      });
    this.#ends.add(ended);
    if (begun === undefined) throw new ParleyError('cancelled', 'The export was cancelled before it began.');
    return exportJob(begun, outcome, ended);
  }
}

/** A cancel ends the job at once, although its reader may be slow to hear of it. */
function exportJob(
  progress: JobProgress,
  outcome: PromiseWithResolvers<void>,
  ended: Promise<void>,
): ExportJob {
  const { signal } = progress;
  void untilAborted(signal).then(() => outcome.reject(signal.reason));
  return {
    signal,
    tell: (events, done) => {
      progress.stage(`${events} events`);
      progress.share(done);
    },
    end: async (failure) => {
      if (failure === undefined) outcome.resolve();
      else outcome.reject(failure);
      await Promise.race([ended, sleep(endWaitsMs)]);
    },
  };
}
