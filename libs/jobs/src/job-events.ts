import type { ParleyError } from '@parley/kernel';
import type { JobCount, JobEndState } from '@parley/state/ports';

/** Which job. */
export interface JobFact {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
}

/** What happens to jobs, for logs and metrics. None of these may throw or wait. */
export interface JobEvents {
  /** @param waitedMs from its making to its first start; undefined when it was started again. */
  started(job: JobFact, waitedMs: number | undefined): void;
  /** @param error why it failed; undefined when it did not. */
  ended(job: JobFact, state: JobEndState, error: ParleyError | undefined): void;
  /** The jobs there are, fleet-wide, every kind and state named: ended ones as long as they are kept. */
  counted(counts: readonly JobCount[]): void;
  /** The store could not be reached; it is tried again. */
  storeFailed(error: unknown): void;
}
