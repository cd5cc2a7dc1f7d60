import type { OutboxStats, PendingEvent } from '@parley/state/ports';

/** Is told how the work behind the turns goes; never throws. */
export interface UpkeepWatch {
  /** A recurring task failed; it runs again at its next time. */
  taskFailed(task: string, error: unknown): void;
  /** Turns of dead owners were ended. */
  orphansEnded(count: number): void;
  /** Turns of this instance that did not run here were ended. */
  lostTurnsEnded(count: number): void;
  outboxMeasured(stats: OutboxStats): void;
  /** The event log does not take an event, whenever it is tried: its shard waits for somebody to act. */
  eventRefused(event: PendingEvent, error: unknown): void;
}
