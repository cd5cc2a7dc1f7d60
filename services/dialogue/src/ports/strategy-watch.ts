import type { StrategyStep } from '../domain/strategy/strategy.ts';

/** Is told what strategies do in turns; never throws. */
export interface StrategyWatch {
  /** A strategy took part, or failed and was left out. */
  stepped(step: StrategyStep): void;
  /** A strategy failed; the turn goes on without it. */
  strategyFailed(step: StrategyStep, error: unknown): void;
}
