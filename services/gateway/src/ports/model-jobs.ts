import type { Call } from './call.ts';

/** Slow work of the model service. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  /** What it is about: a model, an alias, a source. */
  readonly subject: string;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** What is being done now, for people. */
  readonly stage: string;
  /** 0 to 1. */
  readonly progress: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Lines for people, oldest first. */
  readonly notes: readonly string[];
  /** Set once it failed. */
  readonly error:
    | { readonly code: string; readonly message: string; readonly retryable: boolean }
    | undefined;
  readonly createdAtMs: number;
  readonly endedAtMs: number | undefined;
}

/** Looks after jobs. Every method throws ParleyError: `not_found`, or `unavailable` when no model instance answers. */
export interface ModelJobs {
  /** The newest first. @param limit 1 to 200 */
  list(limit: number, call: Call): Promise<readonly Job[]>;
  get(id: string, call: Call): Promise<Job>;
  /** Asks a job to stop; one that has ended is answered as it is. */
  cancel(id: string, call: Call): Promise<Job>;
}
