import { sleep } from '@parley/kernel';

/** Facts that may wait for an event log that is away; one takes less than a kilobyte. */
const mostWaiting = 1_000;
/** Delays before a fact is tried again: the first, doubling up to the last. */
const firstRetryMs = 100;
const lastRetryMs = 5_000;

/** Is told how publishing goes; never throws. */
export interface FactQueueWatch {
  /** A fact could not be published; it is tried again. */
  failed(error: unknown): void;
  /** Facts that nobody will hear of, because too many waited or the service ended. */
  dropped(count: number): void;
}

/**
 * Publishes facts one after another, each until it is published: nobody who tells one waits for the event log, and one
 * that is away loses nothing but what is beyond 1000 facts.
 */
export class FactQueue {
  readonly #watch: FactQueueWatch;
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #closing = new AbortController();
  #working: Promise<void> | undefined;

  constructor(watch: FactQueueWatch) {
    this.#watch = watch;
  }

  /** @param publish may run several times; rejects when the fact is to be tried again. */
  add(publish: () => Promise<void>): void {
    if (this.#waiting.length >= mostWaiting || this.#closing.signal.aborted) return this.#watch.dropped(1);
    this.#waiting.push(publish);
    this.#working ??= this.#work();
  }

  /** Takes nothing more, and resolves when everything is published; what is not when `signal` aborts is dropped. */
  async close(signal: AbortSignal): Promise<void> {
    const drop = (): void => this.#closing.abort();
    signal.addEventListener('abort', drop, { once: true });
    if (signal.aborted) drop();
    const left = Promise.withResolvers<void>();
    this.#closing.signal.addEventListener('abort', () => left.resolve(), { once: true });
    await Promise.race([this.#working, left.promise]);
    signal.removeEventListener('abort', drop);
    this.#closing.abort();
    const count = this.#waiting.splice(0).length;
    if (count > 0) this.#watch.dropped(count);
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    for (let fact = this.#waiting[0]; fact !== undefined && !signal.aborted; fact = this.#waiting[0]) {
      try {
        await fact();
        failures = 0;
        this.#waiting.shift();
      } catch (error) {
        this.#watch.failed(error);
        const delayMs = Math.min(lastRetryMs, firstRetryMs * 2 ** failures++);
        await sleep(delayMs, signal).catch(() => undefined);
      }
    }
    this.#working = undefined;
  }
}
