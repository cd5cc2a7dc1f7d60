import { sourceFault } from './source-fault.ts';

/** Ends what waits for a source that sends nothing for too long. */
export class StallWatch implements Disposable {
  /** Aborts with the outer signal, or with a fault that says how long nothing came. */
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(stallMs: number, outer: AbortSignal) {
    const stalled = new AbortController();
    this.#timer = setTimeout(() => {
      stalled.abort(sourceFault(`nothing came for ${stallMs / 1000} s.`, { retryable: true }));
    }, stallMs);
    this.signal = AbortSignal.any([outer, stalled.signal]);
  }

  /** Something came. */
  alive(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
