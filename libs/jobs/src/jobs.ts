import { newPublicId, ParleyError, sleep, systemClock } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { JobCount, JobState, JobStore, JobRunStore, StoredJob } from '@parley/state/ports';
import { emptyJobDocument } from './job-document.ts';
import type { JobEvents } from './job-events.ts';
import { jobView } from './job-view.ts';
import type { JobView } from './job-view.ts';
import type { JobParams, JobWork } from './job-work.ts';
import { RunningJob } from './running-job.ts';

/** How long a job stays its owner's without a renewal: longer than any pause of a healthy process. */
const leaseMs = 10_000;
/** How often jobs are looked for, leases renewed and cancels heard; a cancel is to be heard within a second. */
const beatMs = 500;
const pruneEveryMs = 5000;
const keptJobs = 200;
const keptMs = 7 * 24 * 3_600_000;
/** How long dispose waits for work to end. */
const stopWithinMs = 5000;

const states: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

/** Bounds of one kind of job. */
export interface JobLimits {
  /** Jobs of the kind that this instance runs at once. */
  readonly concurrency: number;
  /** Jobs of the kind that may wait, fleet-wide; at least 1, because every job waits for a moment. */
  readonly maxQueued: number;
}

/** What the runner needs. */
export interface JobsOptions {
  /** A StateStore will do. */
  readonly store: { readonly jobs: JobStore; readonly jobRuns: JobRunStore };
  /** This instance, new with every start of its process. */
  readonly owner: string;
  readonly events: JobEvents;
  /** Of every kind that names none. */
  readonly limits: JobLimits;
  /** Default the machine's clock. */
  readonly clock?: Clock;
}

interface Kind {
  readonly work: JobWork;
  readonly limits: JobLimits;
}

/**
 * Slow work as jobs of a StateStore: any instance answers for a job, one at a time runs it. A job whose owner has died
 * is started once more by any instance that has its kind, and fails when that one dies as well. Disposing gives running
 * jobs back to the queue: they start again elsewhere, or here at the next start, and that start is not counted. Work
 * that has not ended 5 s later keeps its job until its lease ends, which counts. Ended jobs are kept for 7 days, the
 * newest 200 of this instance's kinds at most.
 */
export class Jobs implements AsyncDisposable {
  readonly #options: JobsOptions;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();
  /** Kinds that other services run. */
  readonly #foreign = new Set<string>();
  readonly #running = new Map<string, { readonly job: RunningJob; readonly done: Promise<void> }>();
  readonly #closing = new AbortController();
  #beating: Promise<void> | undefined;
  #beatWanted = false;
  #loop: Promise<void> | undefined;
  #nextPruneAtMs = 0;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Makes a kind of job known; before `launch`. Every instance that registers a kind may be the one to run it. */
  register(kind: string, work: JobWork, limits: Partial<JobLimits> = {}): void {
    this.#kinds.set(kind, { work, limits: { ...this.#options.limits, ...limits } });
  }

  /** Makes jobs of a kind that another service runs known here: they are got, listed, cancelled, counted and forgotten. */
  answerFor(kind: string): void {
    this.#foreign.add(kind);
  }

  /** Begins to run jobs; resolves after the first look. */
  async launch(): Promise<void> {
    await this.beat();
    this.#loop ??= this.#beatRegularly();
  }

  /**
   * Puts a job into the queue. It begins at once when there is room.
   * @param options `share`: an open job of the same kind and subject is the answer, if there is one; `id`: that of the
   * new job, default a new one
   * @throws ParleyError `conflict` when the id exists; `overloaded` when the queue of the kind is full; `unavailable` when the store is away.
   */
  async start(
    kind: string,
    subject: string,
    params: JobParams,
    { share = false, id = newPublicId('job') }: { readonly share?: boolean; readonly id?: string } = {},
  ): Promise<JobView> {
    this.#requireOpen();
    const { maxQueued } = this.#kind(kind).limits;
    const job = {
      id,
      kind,
      subject,
      params: JSON.stringify(params),
      document: JSON.stringify(emptyJobDocument),
      createdAtMs: this.#clock.now(),
    };
    const stored = await this.#options.store.jobs.add(job, { maxQueued, share });
    void this.beat();
    return jobView(stored);
  }

  /** @throws ParleyError `not_found`. */
  async get(id: string): Promise<JobView> {
    return jobView(this.#known(id, await this.#options.store.jobs.get(id)));
  }

  /** Jobs of the kinds that are known here, the newest first. */
  async list(limit: number): Promise<readonly JobView[]> {
    return (await this.#options.store.jobs.list(this.#answered(), limit)).map(jobView);
  }

  /**
   * Asks a job to end, wherever it runs; one that waits ends at once, one that has ended stays as it is.
   * @throws ParleyError `not_found`.
   */
  async cancel(id: string): Promise<JobView> {
    const before = await this.get(id);
    const job = this.#known(id, await this.#options.store.jobs.cancel(id, this.#clock.now()));
    this.#running.get(id)?.job.cancel();
    if (before.state === 'queued' && job.state === 'cancelled')
      this.#options.events.ended(job, 'cancelled', undefined);
    return jobView(job);
  }

  /**
   * One look at the store: renews, hears cancels, begins what there is room for. It is called by itself after `launch`;
   * tests with a clock of their own call it. Never rejects.
   */
  beat(): Promise<void> {
    this.#beatWanted = true;
    this.#beating ??= this.#beatWhileWanted().finally(() => (this.#beating = undefined));
    return this.#beating;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new ParleyError('cancelled', 'The service stops.'));
    await this.#loop;
    await this.#beating;
    const running = [...this.#running.values()];
    for (const { job } of running) job.stop();
    const patience = new AbortController();
    const tooLong = sleep(stopWithinMs, patience.signal).catch(() => undefined);
    await Promise.race([Promise.all(running.map(({ done }) => done)), tooLong]);
    patience.abort();
  }

  async #beatRegularly(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(beatMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.beat();
    }
  }

  /** What is asked for in mid-beat may have come too late for that beat. */
  async #beatWhileWanted(): Promise<void> {
    while (this.#beatWanted) {
      this.#beatWanted = false;
      await this.#beatOnce();
    }
  }

  async #beatOnce(): Promise<void> {
    try {
      await this.#renew();
      await this.#claim();
      await this.#prune();
    } catch (error) {
      this.#options.events.storeFailed(error);
    }
  }

  async #renew(): Promise<void> {
    const { store, owner } = this.#options;
    const before = [...this.#running.values()];
    const owned = new Map((await store.jobRuns.renew(owner, leaseMs)).map((job) => [job.id, job]));
    for (const { job } of before) {
      const stored = owned.get(job.job.id);
      if (stored?.fence.counter === job.job.fence.counter) {
        if (stored.cancelRequested) job.cancel();
      } else if (this.#running.has(job.job.id)) job.lose();
    }
    // A claim whose answer was lost on its way left a job that nobody is at.
    for (const job of owned.values())
      if (!this.#running.has(job.id)) await store.jobRuns.release(job.id, job.fence);
  }

  async #claim(): Promise<void> {
    const { store, owner, events } = this.#options;
    for (;;) {
      const kinds = this.#closing.signal.aborted ? [] : this.#kindsWithRoom();
      if (kinds.length === 0) return;
      const job = await store.jobRuns.claim(kinds, owner, leaseMs);
      if (job === undefined) return;
      const running = new RunningJob(job, { store: store.jobRuns, events, clock: this.#clock });
      const done = running.run(this.#kind(job.kind).work).finally(() => this.#ended(job.id));
      this.#running.set(job.id, { job: running, done });
    }
  }

  #ended(id: string): void {
    this.#running.delete(id);
    this.#nextPruneAtMs = 0;
    if (!this.#closing.signal.aborted) void this.beat();
  }

  async #prune(): Promise<void> {
    const now = this.#clock.now();
    if (now < this.#nextPruneAtMs) return;
    this.#nextPruneAtMs = now + pruneEveryMs;
    const kinds = this.#answered();
    const found = await this.#options.store.jobs.prune(kinds, keptJobs, now - keptMs);
    this.#options.events.counted(kinds.flatMap((kind) => states.map((state) => countOf(found, kind, state))));
  }

  #answered(): string[] {
    return [...this.#kinds.keys(), ...this.#foreign];
  }

  #kindsWithRoom(): string[] {
    const busy = [...this.#running.values()].map(({ job }) => job.job.kind);
    const hasRoom = ([name, { limits }]: [string, Kind]): boolean =>
      busy.filter((kind) => kind === name).length < limits.concurrency;
    return [...this.#kinds].filter(hasRoom).map(([name]) => name);
  }

  #kind(name: string): Kind {
    const kind = this.#kinds.get(name);
    if (kind === undefined)
      throw new ParleyError('internal', `No work is registered for jobs of kind "${name}".`);
    return kind;
  }

  /** Jobs of kinds that are not this service's are not there. */
  #known(id: string, job: StoredJob | undefined): StoredJob {
    if (job !== undefined && this.#answered().includes(job.kind)) return job;
    throw new ParleyError(
      'not_found',
      `There is no job "${id}". Ended jobs are kept for 7 days, 200 at most.`,
    );
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw new ParleyError('unavailable', 'The service stops.');
  }
}

function countOf(counts: readonly JobCount[], kind: string, state: JobState): JobCount {
  const count = counts.find((counted) => counted.kind === kind && counted.state === state)?.count ?? 0;
  return { kind, state, count };
}
