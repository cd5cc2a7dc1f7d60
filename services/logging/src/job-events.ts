import type { JobEvents, JobFact } from '@parley/jobs';
import type { ParleyError } from '@parley/kernel';
import type { JobEndState } from '@parley/state/ports';
import type { Logger } from '@parley/telemetry';

/** What happens to exports, as log lines; the model service, which answers for all jobs, counts them. */
export class ExportEvents implements JobEvents {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  started({ id, subject }: JobFact, waitedMs: number | undefined): void {
    if (waitedMs !== undefined) this.#logger.info({ job: id, subject }, 'Export started');
  }

  ended({ id, subject }: JobFact, state: JobEndState, error: ParleyError | undefined): void {
    const line = { job: id, subject, state };
    if (error === undefined) this.#logger.info(line, 'Export ended');
    else this.#logger.warn({ ...line, code: error.code, reason: error.message }, 'Export failed');
  }

  counted(): void {}

  storeFailed(error: unknown): void {
    this.#logger.warn({ error }, 'The store of the exports cannot be used; it is tried again');
  }
}
