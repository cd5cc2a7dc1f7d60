import type { ParleyError } from '@parley/kernel';
import type { OutboxStats, PendingEvent } from '@parley/state/ports';
import type { StrategyStep } from '../domain/strategy/strategy.ts';
import type { Turn } from '../domain/turn/turn.ts';
import type { StrategyWatch } from './strategy-watch.ts';
import type { TurnWatch } from './turn-watch.ts';
import type { UpkeepWatch } from './upkeep-watch.ts';

/** Remembers what it is told, one line per happening. */
export class FakeDialogueWatch implements TurnWatch, UpkeepWatch, StrategyWatch {
  readonly told: string[] = [];
  stats: OutboxStats | undefined;

  startsWaiting(count: number): void {
    this.told.push(`${count} starts wait`);
  }

  accepted(turn: Turn): void {
    this.told.push(`accepted ${turn.id}`);
  }

  ended(turn: Turn): void {
    this.told.push(`ended ${turn.id} ${turn.status}`);
  }

  moved(turnId: string): void {
    this.told.push(`moved ${turnId}`);
  }

  rebuilt(turnId: string): void {
    this.told.push(`rebuilt ${turnId}`);
  }

  modelFailed(_turnId: string, error: ParleyError, willRetry: boolean): void {
    this.told.push(`model failed ${error.code}${willRetry ? ', retry' : ''}`);
  }

  writeFailed(turnId: string): void {
    this.told.push(`write failed ${turnId}`);
  }

  keyFailed(): void {
    this.told.push('key failed');
  }

  taskFailed(task: string): void {
    this.told.push(`task failed ${task}`);
  }

  orphansEnded(count: number): void {
    this.told.push(`orphans ended ${count}`);
  }

  lostTurnsEnded(count: number): void {
    this.told.push(`lost turns ended ${count}`);
  }

  stepped({ strategy, hook, outcome }: StrategyStep): void {
    this.told.push(`${strategy} ${outcome} at ${hook}`);
  }

  strategyFailed({ strategy, hook }: StrategyStep): void {
    this.told.push(`strategy failed ${strategy} at ${hook}`);
  }

  outboxMeasured(stats: OutboxStats): void {
    this.stats = stats;
  }

  eventRefused({ id }: PendingEvent): void {
    this.told.push(`event refused ${id}`);
  }
}
