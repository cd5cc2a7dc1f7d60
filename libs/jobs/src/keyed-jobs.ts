import { newPublicId, ParleyError } from '@parley/kernel';
import { startOnce } from '@parley/state/ports';
import type { IdempotencyStore, KeyedRequest } from '@parley/state/ports';
import type { JobEvents } from './job-events.ts';
import type { JobView } from './job-view.ts';
import type { JobParams } from './job-work.ts';
import type { Jobs } from './jobs.ts';

/** How long a key is remembered: as long as clients of the API may count on. */
const keptMs = 24 * 3_600_000;

/** What a job is to do. */
export interface JobOrder {
  readonly kind: string;
  readonly subject: string;
  readonly params: JobParams;
  /** An open job of the same kind and subject is the answer, if there is one. */
  readonly share?: boolean;
}

/** What it needs beside the jobs. */
export interface KeyedJobsOptions {
  readonly store: IdempotencyStore;
  readonly events: Pick<JobEvents, 'storeFailed'>;
}

/** Starts jobs, at most one for each Idempotency-Key: the same request gets the same job for 24 hours. */
export class KeyedJobs {
  readonly #jobs: Jobs;
  readonly #options: KeyedJobsOptions;

  constructor(jobs: Jobs, options: KeyedJobsOptions) {
    this.#jobs = jobs;
    this.#options = options;
  }

  /**
   * @param request undefined when the client gave no key
   * @param order checks what is asked for and says what to do; a repetition does not call it, since what was right
   * before the job may be wrong after it
   * @throws ParleyError as `Jobs.start` and `order` do; `idempotency_mismatch` when the key came with another body;
   * `conflict` when its job is no longer kept.
   */
  async start(
    request: KeyedRequest | undefined,
    order: () => JobOrder | Promise<JobOrder>,
  ): Promise<JobView> {
    if (request === undefined) return this.#start(await order());
    const { store, events } = this.#options;
    const onError = (error: unknown): void => events.storeFailed(error);
    return startOnce(
      store,
      request,
      { subject: newPublicId('job'), keepMs: keptMs, onError },
      {
        find: (id) => this.#find(id),
        make: async (id) => {
          const job = await this.#start(await order(), id);
          return { subject: job.id, made: job };
        },
        mayRepeat: false,
      },
    );
  }

  #start({ kind, subject, params, share = false }: JobOrder, id?: string): Promise<JobView> {
    return this.#jobs.start(kind, subject, params, { share, ...(id === undefined ? {} : { id }) });
  }

  async #find(id: string): Promise<JobView | undefined> {
    try {
      return await this.#jobs.get(id);
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}
