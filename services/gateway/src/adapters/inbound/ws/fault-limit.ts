/** So many frames that cannot be read are a client's mistakes; more within the time are a flood. */
const mostFaults = 20;
const windowMs = 10_000;

/** Bounds how many bad frames are answered before a connection is closed. */
export class FaultLimit {
  #faults = 0;
  #since = performance.now();

  /** Counts one. @returns whether it was one too many */
  exceeded(): boolean {
    const now = performance.now();
    if (now - this.#since > windowMs) {
      this.#faults = 0;
      this.#since = now;
    }
    this.#faults += 1;
    return this.#faults > mostFaults;
  }
}
