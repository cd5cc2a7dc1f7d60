import type { StrategyWatch } from '../../ports/strategy-watch.ts';
import type { DocumentRef, Hook, StrategyStep } from './strategy.ts';

/** Measures one strategy at one hook, and tells of it. */
export class StepTimer {
  readonly #hook: Hook;
  readonly #watch: StrategyWatch;
  readonly #startedAt = performance.now();

  constructor(hook: Hook, watch: StrategyWatch) {
    this.#hook = hook;
    this.#watch = watch;
  }

  done({ name, version }: DocumentRef, outcome: string): StrategyStep {
    const durationMs = performance.now() - this.#startedAt;
    const step = { hook: this.#hook, strategy: name, version, outcome, durationMs };
    this.#watch.stepped(step);
    return step;
  }

  failed(by: DocumentRef, error: unknown): StrategyStep {
    const step = this.done(by, 'failed');
    this.#watch.strategyFailed(step, error);
    return step;
  }
}
