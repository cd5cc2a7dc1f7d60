import { ParleyError, sleep, toParleyError } from '@parley/kernel';

export interface HealthWatchOptions {
  /** Throws when the server is not well. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
  /** How often it is asked while nobody talks to it. */
  readonly intervalMs: number;
  /** A server that is not well for so long has lost its models. */
  readonly lostAfterMs: number;
}

/** How often a server in trouble is asked. */
const troubledMs = 1_000;

/** Watches a server: what it says to anyone is a sign of life, silence is asked about. */
export class HealthWatch implements Disposable {
  /** Resolves once the server was away for too long; never rejects. */
  readonly lost: Promise<ParleyError>;
  readonly #options: HealthWatchOptions;
  readonly #ending = new AbortController();
  #waking = new AbortController();
  #aliveAt = performance.now();

  constructor(options: HealthWatchOptions) {
    this.#options = options;
    this.lost = this.#watch();
  }

  /** It said something. */
  alive(): void {
    this.#aliveAt = performance.now();
  }

  /** It failed somebody: it is asked at once. */
  suspect(): void {
    this.#waking.abort();
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  async #watch(): Promise<ParleyError> {
    const { intervalMs, lostAfterMs } = this.#options;
    const retryMs = Math.min(troubledMs, Math.max(1, lostAfterMs / 4));
    let troubledSince: number | undefined;
    for (;;) {
      const isWoken = await this.#rest(troubledSince === undefined ? intervalMs : retryMs);
      if (this.#ending.signal.aborted) return new Promise(() => undefined);
      const isQuiet = performance.now() - this.#aliveAt >= intervalMs;
      if (!isWoken && !isQuiet && troubledSince === undefined) continue;
      const askedAt = performance.now();
      const fault = await this.#ask();
      if (this.#ending.signal.aborted) return new Promise(() => undefined);
      if (fault === undefined || this.#aliveAt > askedAt) troubledSince = undefined;
      else if (performance.now() - (troubledSince ??= askedAt) >= lostAfterMs) return lostBy(fault);
    }
  }

  /** Whether somebody cut the rest short. */
  async #rest(ms: number): Promise<boolean> {
    this.#waking = new AbortController();
    const { signal } = this.#waking;
    await sleep(ms, AbortSignal.any([signal, this.#ending.signal])).catch(() => undefined);
    return signal.aborted;
  }

  async #ask(): Promise<ParleyError | undefined> {
    try {
      await this.#options.ask(this.#ending.signal);
      this.alive();
      return undefined;
    } catch (thrown) {
      return toParleyError(thrown);
    }
  }
}

function lostBy(cause: ParleyError): ParleyError {
  return new ParleyError('engine_failed', cause.message, { cause });
}
