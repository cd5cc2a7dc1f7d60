/** What a job's work needs to know; it is stored, so that another instance can start the work again. */
export type JobParams = Readonly<Record<string, string | number | boolean>>;

/**
 * How work tells how far it is. Calls cost nothing: what changed is saved every 250 ms at most. Those after the end of
 * the work are without effect.
 */
export interface JobProgress {
  /**
   * Aborts within a second of a cancel, when another owner took the job, and when this process stops. Work that heeds
   * it throws; work that ends well all the same has succeeded.
   */
  readonly signal: AbortSignal;
  /** What is being done now, for people. */
  stage(text: string): void;
  /** How much is done, 0 to 1; `bytes` says it as well. */
  share(done: number): void;
  /** Bytes done of bytes in all; `total` 0 = not known. */
  bytes(done: number, total: number): void;
  /** A line for people, such as a source that was skipped and why; the last 100 are kept. */
  note(line: string): void;
}

/** The work of one kind of job. It must bear being started again after it was cut off anywhere. */
export type JobWork = (params: JobParams, progress: JobProgress) => Promise<void>;
