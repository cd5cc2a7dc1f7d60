/** Finds out that a caller takes nothing: of what it was given, the next is not asked for. */
export class StallWatch implements Disposable {
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #waiting = false;
  /** Is called when something that was given has not been taken for the whole time. */
  onStalled: () => void = () => undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  given(): void {
    this.#waiting = true;
    this.#timer = this.#timer?.refresh() ?? setTimeout(() => this.#late(), this.#timeoutMs).unref();
  }

  /** The timer runs on, since setting one for each message would cost more than one that finds nothing. */
  taken(): void {
    this.#waiting = false;
  }

  [Symbol.dispose](): void {
    this.#waiting = false;
    clearTimeout(this.#timer);
  }

  #late(): void {
    if (this.#waiting) this.onStalled();
  }
}
