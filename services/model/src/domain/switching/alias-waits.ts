import type { Clock } from '@parley/kernel';

/** Why an alias leads nowhere for a moment. */
interface AliasWait {
  /** What is being done now, for people. */
  readonly reason: () => string;
  /** How long it takes in all, as far as anybody knows. */
  readonly expectedMs: number;
  readonly since: number;
}

/** What a caller is told who asks for an alias that is being switched. */
export interface WaitNotice {
  readonly stage: string;
  /** Milliseconds until it can be asked for again; never 0. */
  readonly estimateMs: number;
}

const leastEstimateMs = 250;

/** Aliases whose callers wait, because the model before has gone and the next is not there yet. */
export class AliasWaits {
  readonly #clock: Clock;
  readonly #waits = new Map<string, AliasWait>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(alias: string, wait: AliasWait): void {
    this.#waits.set(alias, wait);
  }

  over(alias: string): void {
    this.#waits.delete(alias);
  }

  /** undefined when nobody has to wait. */
  noticeOf(alias: string): WaitNotice | undefined {
    const wait = this.#waits.get(alias);
    if (wait === undefined) return undefined;
    const leftMs = wait.expectedMs - (this.#clock.now() - wait.since);
    return { stage: wait.reason(), estimateMs: Math.ceil(Math.max(leastEstimateMs, leftMs)) };
  }
}
