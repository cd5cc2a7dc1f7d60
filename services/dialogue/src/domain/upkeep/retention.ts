import type { Clock } from '@parley/kernel';
import type { TurnLogStore } from '@parley/state/ports';

const batchSize = 1_000;
/** Ends a round that would run into the next; far above what one interval brings. */
const mostBatches = 50;

/** Milliseconds things are kept after a turn's end. */
export interface RetentionTimes {
  readonly logMs: number;
  readonly unstoredTurnMs: number;
  readonly storedTurnMs: number;
}

/** Removes what is past its time. */
export class Retention {
  readonly #logs: TurnLogStore;
  readonly #times: RetentionTimes;
  readonly #clock: Clock;

  constructor(logs: TurnLogStore, times: RetentionTimes, clock: Clock) {
    this.#logs = logs;
    this.#times = times;
    this.#clock = clock;
  }

  /** One bounded round; what is left goes in the next. */
  async round(): Promise<void> {
    const now = this.#clock.now();
    await inBatches((limit) => this.#logs.expireLogs(now - this.#times.logMs, limit));
    await inBatches((limit) => this.#logs.expireTurns('unstored', now - this.#times.unstoredTurnMs, limit));
    await inBatches((limit) => this.#logs.expireTurns('stored', now - this.#times.storedTurnMs, limit));
  }
}

async function inBatches(expire: (limit: number) => Promise<number>): Promise<void> {
  for (let batch = 0; batch < mostBatches; batch++) if ((await expire(batchSize)) < batchSize) return;
}
