interface Waiting {
  readonly priority: number;
  readonly enter: () => void;
}

/** As many at once as there are slots; the others wait, higher priority first, then in order. */
export class Places {
  #free: number;
  readonly #waiting: Waiting[] = [];

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Resolves with what gives the place back. @throws the signal's reason when that comes first. */
  take(priority: number, signal: AbortSignal): Promise<Disposable> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve({ [Symbol.dispose]: () => this.#next() });
      };
      const waiting = { priority, enter };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason as Error);
      };
      if (this.#free > 0) {
        this.#free--;
        return enter();
      }
      const behind = this.#waiting.findIndex((other) => other.priority < priority);
      this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next.enter();
  }
}
