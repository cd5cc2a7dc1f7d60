import { ParleyError, sleep } from '@parley/kernel';
import { NoFleetError } from './fleet-access.ts';

/** A gateway that restarts is away this long at most; what it does for us goes on meanwhile, or begins anew. */
const awayLimitMs = 30_000;

/** How long a fleet that has answered and does so no more is waited for, and that this is said once. */
export class Patience {
  readonly #say: (line: string) => void;
  readonly #pauseMs: number;
  #awaySince: number | undefined;
  #hasAnswered = false;

  constructor(say: (line: string) => void, pauseMs: number) {
    this.#say = say;
    this.#pauseMs = pauseMs;
  }

  /** It answers. */
  answered(): void {
    this.#hasAnswered = true;
    this.#awaySince = undefined;
  }

  /** Waits a moment before the next try. @throws the error when it will not pass, or has not for 30 s */
  async failed(error: unknown, signal: AbortSignal): Promise<void> {
    if (!this.#hasAnswered || !mayPass(error)) throw error;
    if (this.#awaySince === undefined) this.#say('the fleet does not answer; waiting for it …');
    this.#awaySince ??= performance.now();
    if (performance.now() - this.#awaySince > awayLimitMs) throw error;
    await sleep(this.#pauseMs, signal);
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof NoFleetError || (error instanceof ParleyError && error.retryable);
}
