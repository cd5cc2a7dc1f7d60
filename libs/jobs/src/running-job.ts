import { ParleyError, sleep, toParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { JobEnd, JobEndState, JobRunStore, StoredJob } from '@parley/state/ports';
import { JobDocumentWriter } from './job-document-writer.ts';
import type { JobEvents } from './job-events.ts';
import type { JobParams, JobWork } from './job-work.ts';

/** A job's first start and one more after its process died. A third would only kill a third process. */
const maxStarts = 2;

const storeRetryMs = 1000;

/** What running a job needs from outside. */
export interface JobSurroundings {
  readonly store: JobRunStore;
  readonly events: JobEvents;
  readonly clock: Clock;
}

/** Why a job's signal aborted. */
type Interruption = 'cancelled' | 'lost' | 'stopped';

/** One claimed job: does its work and settles it, whatever happens. */
export class RunningJob {
  readonly job: StoredJob;
  readonly #around: JobSurroundings;
  readonly #abort = new AbortController();
  readonly #document: JobDocumentWriter;
  #interruption: Interruption | undefined;

  constructor(job: StoredJob, around: JobSurroundings) {
    this.job = job;
    this.#around = around;
    this.#document = new JobDocumentWriter(job, this.#abort.signal, {
      save: (document) => around.store.save(job.id, job.fence, document),
      onError: (error) => this.#saveFailed(error),
    });
  }

  /** Somebody wants it to end. */
  cancel(): void {
    this.#interrupt('cancelled', 'The job was cancelled.');
  }

  /** Somebody else owns it by now: its work must end, and nothing of it is written any more. */
  lose(): void {
    this.#interrupt('lost', 'The job belongs to another process by now.');
  }

  /** This process stops: the work ends, and whoever is there next starts it again. */
  stop(): void {
    this.#interrupt('stopped', 'The service stops.');
  }

  /** Does the work and writes how it ended. Never rejects. */
  async run(work: JobWork): Promise<void> {
    if (this.job.cancelRequested) return this.#end('cancelled');
    if (this.job.starts > maxStarts) return this.#end('failed', startedTooOften());
    const { createdAtMs, starts } = this.job;
    const again = starts > 1;
    if (again) this.#document.progress.note('Started again: the process that was at it has ended.');
    this.#around.events.started(this.job, again ? undefined : this.#around.clock.now() - createdAtMs);
    try {
      await work(JSON.parse(this.job.params) as JobParams, this.#document.progress);
    } catch (thrown) {
      return this.#ended(toParleyError(thrown));
    }
    return this.#end('succeeded');
  }

  async #ended(error: ParleyError): Promise<void> {
    switch (this.#interruption) {
      case 'cancelled':
        return this.#end('cancelled');
      case 'stopped':
        return this.#release();
      case 'lost':
        return this.#document.close();
      case undefined:
        return this.#end('failed', error);
    }
  }

  async #end(state: JobEndState, error?: ParleyError): Promise<void> {
    await this.#document.close();
    const { store, events, clock } = this.#around;
    const document = this.#document.text(error);
    const end: JobEnd = { state, document, endedAtMs: clock.now() };
    const written = await this.#untilStored(() => store.end(this.job.id, this.job.fence, end));
    if (written) events.ended(this.job, state, error);
  }

  async #release(): Promise<void> {
    await this.#document.close();
    const { store } = this.#around;
    await this.#untilStored(async () => {
      await store.save(this.job.id, this.job.fence, this.#document.text());
      await store.release(this.job.id, this.job.fence);
    });
  }

  /**
   * Tries until the store takes it: meanwhile the lease is renewed, so nobody repeats the work. Given up when the job is
   * another's, or when this process stops.
   */
  async #untilStored(write: () => Promise<void>): Promise<boolean> {
    for (;;) {
      try {
        await write();
        return true;
      } catch (thrown) {
        const { code } = toParleyError(thrown);
        if (code !== 'stale_fence') this.#around.events.storeFailed(thrown);
        if (code === 'stale_fence' || this.#interruption === 'stopped' || this.#interruption === 'lost')
          return false;
      }
      await sleep(storeRetryMs);
    }
  }

  #saveFailed(error: unknown): void {
    if (toParleyError(error).code === 'stale_fence') this.lose();
    else this.#around.events.storeFailed(error);
  }

  #interrupt(why: Interruption, message: string): void {
    // A cancel outlives a stop: the job must not come back.
    if (this.#interruption !== 'cancelled' || why === 'lost') this.#interruption = why;
    this.#abort.abort(new ParleyError('cancelled', message));
  }
}

function startedTooOften(): ParleyError {
  const message =
    'The job was started twice, and each time the process that was at it ended before the job did.';
  return new ParleyError('internal', message);
}
