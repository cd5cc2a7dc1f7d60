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
  readonly clock: Clock;
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

/**
 * Asks again while the model is being switched, as long as the turn's time allows for what is expected.
 * @throws ParleyError what `resolve` throws; `cancelled` when the signal aborts.
 */
export async function waitForSwitch<T>(resolve: () => Promise<T>, scope: WaitScope): Promise<T> {
  const { deadline, signal, clock, onWait } = scope;
  const startedAt = clock.now();
  for (;;) {
    try {
      return await resolve();
    } catch (error) {
      const wait = waitOf(error);
      if (wait === undefined) throw error;
      const leftMs = Math.min(deadline.remainingMs(), longestMs - (clock.now() - startedAt));
      if (leftMs < wait.estimateMs) throw error;
      onWait?.(wait);
    }
    await sleep(lookMs, signal).catch(() => {
      throw new ParleyError('cancelled', 'The caller left before the turn was accepted.');
    });
  }
}

function waitOf(error: unknown): StartWait | undefined {
  if (!(error instanceof ParleyError)) return undefined;
  const { switching, estimateMs } = error.details;
  if (typeof switching !== 'string' || typeof estimateMs !== 'number') return undefined;
  return { stage: switching, estimateMs };
}
