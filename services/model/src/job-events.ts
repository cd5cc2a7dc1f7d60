import type { JobEvents, JobFact } from '@parley/jobs';
import type { ParleyError } from '@parley/kernel';
import type { JobCount, JobEndState } from '@parley/state/ports';
import type { Logger, Metrics } from '@parley/telemetry';
import type { PullEvents } from './ports/pull/pull-events.ts';

/** What happens to jobs and pulls, as log lines and metrics. */
export class JobServiceEvents implements JobEvents, PullEvents {
  readonly #metrics: Metrics;
  readonly #logger: Logger;

  constructor(metrics: Metrics, logger: Logger) {
    this.#metrics = metrics;
    this.#logger = logger;
  }

  started({ id, kind, subject }: JobFact, waitedMs: number | undefined): void {
    if (waitedMs === undefined) this.#logger.warn({ job: id, kind, subject }, 'Job started again');
    else {
      this.#metrics.histogram('parley_job_wait_seconds').observe({ kind }, waitedMs / 1000);
      this.#logger.info({ job: id, kind, subject }, 'Job started');
    }
  }

  ended({ id, kind, subject }: JobFact, state: JobEndState, error: ParleyError | undefined): void {
    const line = { job: id, kind, subject, state };
    if (error === undefined) this.#logger.info(line, 'Job ended');
    else this.#logger.warn({ ...line, code: error.code, reason: error.message, error }, 'Job failed');
  }

  counted(counts: readonly JobCount[]): void {
    const gauge = this.#metrics.gauge('parley_jobs');
    for (const { kind, state, count } of counts) gauge.set({ kind, state }, count);
  }

  storeFailed(error: unknown): void {
    this.#logger.warn({ error }, 'The store of the jobs cannot be used; it is tried again');
  }

  notRegistered(model: string, error: unknown): void {
    this.#logger.warn({ model, error }, 'A pulled model cannot be offered');
  }
}
