import type { ParleyError } from '@parley/kernel';

/** One call of `append`, until all its records are durable, it has failed, or its time is over. */
export class PendingAppend {
  /** When its time is over; `performance.now()`. */
  readonly endsAt: number;
  readonly #done = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout;
  #left: number;
  #settled = false;

  /** @param late the error at the end of its time */
  constructor(records: number, timeoutMs: number, late: () => ParleyError) {
    this.#left = records;
    this.endsAt = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => this.reject(late()), timeoutMs);
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Resolves when every record is durable. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** One of its records is durable. */
  acknowledge(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#settle();
    if (this.#left === 0) this.#done.resolve();
  }

  reject(error: ParleyError): void {
    this.#settle();
    this.#done.reject(error);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
  }
}
