import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { busyDelayMs, busyLimitMs, busyTooLong, isBusy } from './busy.ts';
import { commitBatch } from './commit-batch.ts';
import type { Job } from './commit-batch.ts';
import { asStorageFault } from './storage-fault.ts';

/** Settings of a writer. */
export interface GroupCommitOptions {
  /** How long the first operation of a batch waits for company, in milliseconds; default 2. */
  readonly maxDelayMs?: number;
  /** Operations that commit together at most; default 256. */
  readonly maxBatch?: number;
  /** Operations that may wait; above it `run` refuses. Default 16384. */
  readonly maxQueued?: number;
  /** How long an operation waits for another process's lock before it is refused, in milliseconds; default 5000. */
  readonly busyLimitMs?: number;
}

/**
 * Runs the operations of several callers in one `BEGIN IMMEDIATE` transaction, so that they share one disk sync.
 * Each operation has a savepoint: one that throws leaves nothing and rejects only its caller. A lock held by another
 * process is waited for by asynchronous retry, a bounded time per operation. Operations run in order of `run`.
 */
export class GroupCommitWriter implements AsyncDisposable {
  readonly #db: DatabaseSync;
  readonly #maxDelayMs: number;
  readonly #maxBatch: number;
  readonly #maxQueued: number;
  readonly #busyLimitMs: number;
  #queue: Job[] = [];
  #timer: NodeJS.Timeout | undefined;
  #busyAttempts = 0;
  #closed = false;

  constructor(db: DatabaseSync, options: GroupCommitOptions = {}) {
    this.#db = db;
    this.#maxDelayMs = options.maxDelayMs ?? 2;
    this.#maxBatch = options.maxBatch ?? 256;
    this.#maxQueued = options.maxQueued ?? 16_384;
    this.#busyLimitMs = options.busyLimitMs ?? busyLimitMs;
  }

  /**
   * Queues `op`, which must be synchronous and must not begin or end transactions; it can run twice when the commit
   * has to be tried again, so it changes nothing but the database. Resolves with its result once it is durable.
   * @throws what `op` throws; ParleyError `unavailable` when the database stays locked, cannot write or is closed;
   *   `overloaded` when too many operations wait.
   */
  run<T>(op: (db: DatabaseSync) => T): Promise<T> {
    if (this.#closed) return Promise.reject(new ParleyError('unavailable', 'The database is closed.'));
    if (this.#queue.length >= this.#maxQueued) {
      return Promise.reject(new ParleyError('overloaded', 'Too many writes wait for the database.'));
    }
    return new Promise<T>((resolve, reject) => {
      const job = {
        run: op,
        resolve: (value: unknown) => resolve(value as T),
        reject,
        queuedAt: performance.now(),
      };
      this.#queue.push(job);
      this.#schedule();
    });
  }

  /** Resolves when every operation queued so far has settled. */
  async drain(): Promise<void> {
    if (this.#queue.length > 0) await this.run(() => undefined).catch(() => undefined);
  }

  /** Refuses new operations and finishes those that wait; the connection stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const drained = this.drain();
    this.#closed = true;
    await drained;
  }

  #schedule(): void {
    const full = this.#queue.length === this.#maxBatch && this.#busyAttempts === 0;
    if (this.#timer !== undefined && !full) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), full ? 0 : this.#maxDelayMs);
  }

  #flush(): void {
    this.#timer = undefined;
    const batch = this.#queue.slice(0, this.#maxBatch);
    try {
      const settle = commitBatch(this.#db, batch);
      this.#busyAttempts = 0;
      this.#queue = this.#queue.slice(batch.length);
      settle();
    } catch (error) {
      if (isBusy(error)) return this.#retryLater(error);
      this.#queue = this.#queue.slice(batch.length);
      const failure = asStorageFault(error);
      for (const job of batch) job.reject(failure);
    }
    if (this.#queue.length > 0) this.#timer ??= setTimeout(() => this.#flush(), 0);
  }

  #retryLater(error: unknown): void {
    const now = performance.now();
    const waiting = this.#queue.filter((job) => now - job.queuedAt <= this.#busyLimitMs);
    const tooLate = this.#queue.filter((job) => now - job.queuedAt > this.#busyLimitMs);
    this.#queue = waiting;
    for (const job of tooLate) job.reject(busyTooLong(error, this.#busyLimitMs));
    if (waiting.length === 0) this.#busyAttempts = 0;
    else this.#timer = setTimeout(() => this.#flush(), busyDelayMs(this.#busyAttempts++));
  }
}
