import { ParleyError, sleep, toParleyError } from '@parley/kernel';
import type { Clock, ErrorCode } from '@parley/kernel';
import type { ModelClient } from '../../ports/model-client.ts';
import type { TurnWatch } from '../../ports/turn-watch.ts';
import { openAnswer } from './answer-source.ts';
import type { AnswerSource } from './answer-source.ts';
import { backoffMs } from '../backoff.ts';
import type { Paces } from '../log/coalescer.ts';
import type { EndRunningTurn } from '../end/end-running-turn.ts';
import { cancelled, deadlinePassed, failed, modelLost, ownerLost } from '../end/ending.ts';
import type { Ending } from '../end/ending.ts';
import { ModelAnswer } from './model-answer.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { RunningTurn } from '../turn/running-turn.ts';

const retries = 2;
/** While a model is exchanged some instances have it and some have not; asking on costs nothing and finds one that has. */
const retriesElsewhere = 10;

/** These say when to come back, and the caller knows better than we whether it wants to wait. */
const neverRetried: ReadonlySet<ErrorCode> = new Set(['model_not_ready', 'overloaded', 'rate_limited']);

/** Runs an accepted turn to its end: asks the model, writes the log, keeps the deadlines. */
export class RunTurn {
  readonly #model: ModelClient;
  readonly #end: EndRunningTurn;
  readonly #budget: RetryBudget;
  readonly #watch: TurnWatch;
  readonly #settings: { readonly clock: Clock; readonly paces: Paces };

  constructor(
    model: ModelClient,
    end: EndRunningTurn,
    budget: RetryBudget,
    watch: TurnWatch,
    settings: { readonly clock: Clock; readonly paces: Paces },
  ) {
    this.#model = model;
    this.#end = end;
    this.#budget = budget;
    this.#watch = watch;
    this.#settings = settings;
  }

  /**
   * Resolves when the turn has ended and its last entry is visible, or another instance owns it. Never rejects.
   * @param prepare builds what answers the turn; its time is the turn's.
   */
  async run(turn: RunningTurn, prepare: () => Promise<AnswerSource>): Promise<void> {
    const answer = new ModelAnswer(turn, this.#settings.paces, this.#settings.clock);
    try {
      const source = await prepare();
      const ending = await this.#generate(turn, source, answer);
      answer.stop();
      await this.#end.end(turn, ending === 'stale' ? ending : { ...ending, ...answer.measured(ending) });
    } catch (error) {
      await this.#end.abandon(turn, error);
    }
  }

  async #generate(turn: RunningTurn, source: AnswerSource, answer: ModelAnswer): Promise<Ending | 'stale'> {
    if (turn.stopReason !== undefined) return stopped(turn, answer.hasToken);
    for (let attempt = 1; ; attempt++) {
      try {
        const ending = await answer.take(openAnswer(source, turn, this.#model));
        this.#budget.earn();
        // Stopped while it finished: what was asked for wins, unless the answer is whole.
        return turn.stopReason === undefined || ending.status === 'completed'
          ? ending
          : stopped(turn, answer.hasToken);
      } catch (thrown) {
        if (turn.stopReason !== undefined) return stopped(turn, answer.hasToken);
        const error = asModelError(thrown);
        const willRetry = !answer.hasToken && this.#mayRetry(error, attempt);
        this.#watch.modelFailed(turn.id, error, willRetry);
        if (!willRetry) return broken(error, answer.hasToken);
      }
      await sleep(backoffMs(attempt, 100, 1_000), turn.signal).catch(() => undefined);
      if (turn.stopReason !== undefined) return stopped(turn, answer.hasToken);
    }
  }

  #mayRetry(error: ParleyError, attempt: number): boolean {
    if (error.code === 'model_not_here') return attempt <= retriesElsewhere;
    if (attempt > retries) return false;
    return error.retryable && !neverRetried.has(error.code) && this.#budget.take();
  }
}

function asModelError(thrown: unknown): ParleyError {
  const error = toParleyError(thrown);
  // Nobody here cancelled: the model's instance went away.
  if (error.code !== 'cancelled') return error;
  return new ParleyError('unavailable', 'The model broke off the request; try again.', { cause: error });
}

function broken(error: ParleyError, hasToken: boolean): Ending {
  if (error.code === 'deadline_exceeded') return deadlinePassed(hasToken);
  return hasToken ? modelLost : failed(error);
}

function stopped(turn: RunningTurn, hasToken: boolean): Ending | 'stale' {
  switch (turn.stopReason) {
    case 'stale':
      return 'stale';
    case 'deadline':
      return deadlinePassed(hasToken);
    case 'draining':
      return ownerLost;
    case 'cancelled':
    case undefined:
      return cancelled;
  }
}
