import type { ParleyError } from '@parley/kernel';
import type { JobCount, JobEndState } from '@parley/state/ports';
import type { JobEvents, JobFact } from './job-events.ts';

/** Remembers what it is told. */
export class FakeJobEvents implements JobEvents {
  readonly starts: { id: string; waitedMs: number | undefined }[] = [];
  readonly ends: { id: string; state: JobEndState; error: ParleyError | undefined }[] = [];
  readonly faults: unknown[] = [];
  counts: readonly JobCount[] = [];

  started({ id }: JobFact, waitedMs: number | undefined): void {
    this.starts.push({ id, waitedMs });
  }

  ended({ id }: JobFact, state: JobEndState, error: ParleyError | undefined): void {
    this.ends.push({ id, state, error });
  }

  counted(counts: readonly JobCount[]): void {
    this.counts = counts;
  }

  storeFailed(error: unknown): void {
    this.faults.push(error);
  }
}
