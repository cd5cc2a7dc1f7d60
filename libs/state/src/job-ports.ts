import type { Fence } from './fence.ts';

/** `queued` and `running` jobs are open, the others have ended for good. */
export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** How a job can end. */
export type JobEndState = Exclude<JobState, 'queued' | 'running'>;

/** What `add` writes. */
export interface NewJob {
  readonly id: string;
  readonly kind: string;
  /** What it is about, for example the name of a model. */
  readonly subject: string;
  /** What its work needs to start, or to start again elsewhere; opaque. */
  readonly params: string;
  /** Progress, notes and error as the runner writes them; opaque. */
  readonly document: string;
  readonly createdAtMs: number;
}

/** A job as the store keeps it. */
export interface StoredJob extends NewJob {
  readonly state: JobState;
  /** Who runs it or ran it last; '' before its first start. */
  readonly owner: string;
  /** Changes with every claim; that of a job nobody has claimed has counter 0. */
  readonly fence: Fence;
  /** How often it was claimed, less the times it was released. */
  readonly starts: number;
  readonly cancelRequested: boolean;
  readonly endedAtMs: number | undefined;
}

/** How many jobs of a kind are in a state. */
export interface JobCount {
  readonly kind: string;
  readonly state: JobState;
  readonly count: number;
}

/** Jobs as those see them who ask for them. */
export interface JobStore {
  /**
   * Puts a new job into the queue of its kind.
   * @param limits `maxQueued`: jobs of the kind that may wait; `share`: an open job of the same kind and subject is
   * given back in place of a second one.
   * @returns the job that is there now: the new one or the shared one.
   * @throws ParleyError `conflict` when the id exists; `overloaded` when the queue is full.
   */
  add(job: NewJob, limits: { readonly maxQueued: number; readonly share: boolean }): Promise<StoredJob>;
  get(id: string): Promise<StoredJob | undefined>;
  /** Jobs of these kinds, the newest first. */
  list(kinds: readonly string[], limit: number): Promise<StoredJob[]>;
  /**
   * A queued job is cancelled at once; a running one is marked, and its owner told by `renew`; an ended one stays.
   * @returns the job as it is now; undefined when there is none.
   */
  cancel(id: string, atMs: number): Promise<StoredJob | undefined>;
  /**
   * Forgets jobs of these kinds that ended before `endedBeforeMs`, and all but the `keep` that ended last.
   * @returns how many there are now; a kind and state without jobs is left out.
   */
  prune(kinds: readonly string[], keep: number, endedBeforeMs: number): Promise<JobCount[]>;
}

/** Jobs as those see them who run them: a job has one owner at a time, fenced, for as long as that renews. */
export interface JobRunStore {
  /**
   * Takes the oldest job of these kinds that waits, or whose owner's time is over, for `ttlMs`; `starts` has grown.
   * Whether a job may start once more is the caller's to decide.
   */
  claim(kinds: readonly string[], owner: string, ttlMs: number): Promise<StoredJob | undefined>;
  /**
   * Says that `owner` lives for `ttlMs` more; it may write less often than it is called.
   * @returns the owner's running jobs. One that is missing belongs to somebody else by now.
   */
  renew(owner: string, ttlMs: number): Promise<StoredJob[]>;
  /** Writes a job's document. @throws ParleyError `stale_fence` when the fence is not the job's or it has ended. */
  save(id: string, fence: Fence, document: string): Promise<void>;
  /** Ends a job. @throws ParleyError `stale_fence` when the fence is not the job's or it has ended. */
  end(id: string, fence: Fence, end: JobEnd): Promise<void>;
  /** Puts a job back into its place in the queue, its start not counted; does nothing when the fence is stale. */
  release(id: string, fence: Fence): Promise<void>;
}

/** What `end` writes. */
export interface JobEnd {
  readonly state: JobEndState;
  readonly document: string;
  readonly endedAtMs: number;
}
