import { untilAborted } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import type { StateStore } from '@parley/state/ports';
import { FakeJobEvents } from '../../src/fake-job-events.ts';
import type { JobParams, JobProgress } from '../../src/job-work.ts';
import { Jobs } from '../../src/jobs.ts';
import type { JobLimits } from '../../src/jobs.ts';

/** Work of a test that is at it: the test decides how it ends. */
export interface Started {
  readonly instance: string;
  readonly params: JobParams;
  readonly progress: JobProgress;
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
}

/** Instances of a service that run jobs of kind `pull` on one store, under a clock that the test sets. */
export class TestInstances implements AsyncDisposable {
  nowMs = 1_000_000;
  readonly store: StateStore;
  readonly started: Started[] = [];
  readonly #instances: Jobs[] = [];

  constructor() {
    this.store = openSqliteState(':memory:', { clock: { now: () => this.nowMs } });
  }

  /** An instance that looks at the store when its `beat` is called. */
  instance(
    owner: string,
    {
      store = this.store,
      ...limits
    }: Partial<JobLimits> & { store?: Pick<StateStore, 'jobs' | 'jobRuns'> } = {},
  ): { jobs: Jobs; events: FakeJobEvents } {
    const events = new FakeJobEvents();
    const clock = { now: () => this.nowMs };
    const jobs = new Jobs({
      store,
      owner,
      events,
      clock,
      limits: { concurrency: 2, maxQueued: 3, ...limits },
    });
    jobs.register('pull', (params, progress) => this.#work(owner, params, progress));
    this.#instances.push(jobs);
    return { jobs, events };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#instances.map((jobs) => jobs[Symbol.asyncDispose]()));
    await this.store[Symbol.asyncDispose]();
  }

  /** Ends as the test says, or with the signal. */
  #work(instance: string, params: JobParams, progress: JobProgress): Promise<void> {
    return new Promise((resolve, reject) => {
      this.started.push({ instance, params, progress, succeed: resolve, fail: reject });
      void untilAborted(progress.signal).then(() => reject(progress.signal.reason as Error));
    });
  }
}
