import { ParleyError, sleep } from '@parley/kernel';
import type { Clock, Deadline } from '@parley/kernel';

/** Why a turn does not begin yet. */
export interface StartWait {
  /** What is being done, for people. */
  readonly stage: string;
  /** Milliseconds until it is likely to begin. */
  readonly estimateMs: number;
}

/** While a start waits. */
export interface WaitScope {
  /** Of the whole turn. */
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
  readonly onWait?: ((wait: StartWait) => void) | undefined;
}

const lookMs = 250;
/** However much time a turn has, it does not wait longer for a switch. */
const longestMs = 120_000;

/** That the model asked for is being exchanged for another, or loaded for its first caller: it cannot answer just now. */
export function beingSwitched({ stage, estimateMs }: StartWait): ParleyError {
  const message = `The model is on its way: ${stage}.`;
  const details = { switching: stage, estimateMs };
  return new ParleyError('model_not_ready', message, { retryAfterMs: estimateMs, details });
}

/** Starts that wait for models that are on their way. */
export class SwitchWaits {
  readonly #clock: Clock;
  readonly #onCount: (waiting: number) => void;
  #waiting = 0;

  /** @param onCount is told how many wait, whenever that changes */
  constructor(clock: Clock, onCount: (waiting: number) => void) {
    this.#clock = clock;
    this.#onCount = onCount;
  }

  /**
   * Asks again while the model is being switched, as long as the turn's time allows for what is expected.
   * @throws ParleyError what `resolve` throws; `cancelled` when the signal aborts.
   */
  async until<T>(resolve: () => Promise<T>, scope: WaitScope): Promise<T> {
    const startedAt = this.#clock.now();
    let isCounted = false;
    try {
      for (;;) {
        try {
          return await resolve();
        } catch (error) {
          const wait = this.#worthWaiting(error, scope.deadline, startedAt);
          if (!isCounted) this.#count(1);
          isCounted = true;
          scope.onWait?.(wait);
        }
        await sleep(lookMs, scope.signal).catch(() => {
          throw new ParleyError('cancelled', 'The caller left before the turn was accepted.');
        });
      }
    } finally {
      if (isCounted) this.#count(-1);
    }
  }

  /** @throws the error itself where waiting would not help, or not in time */
  #worthWaiting(error: unknown, deadline: Deadline, startedAt: number): StartWait {
    const wait = waitOf(error);
    const leftMs = Math.min(deadline.remainingMs(), longestMs - (this.#clock.now() - startedAt));
    if (wait === undefined || leftMs < wait.estimateMs) throw error;
    return wait;
  }

  #count(change: 1 | -1): void {
    this.#waiting += change;
    this.#onCount(this.#waiting);
  }
}

function waitOf(error: unknown): StartWait | undefined {
  if (!(error instanceof ParleyError)) return undefined;
  const { switching, estimateMs } = error.details;
  if (typeof switching !== 'string' || typeof estimateMs !== 'number') return undefined;
  return { stage: switching, estimateMs };
}
