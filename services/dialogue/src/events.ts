import type { ParleyError } from '@parley/kernel';
import type { OutboxStats } from '@parley/state/ports';
import type { Logger, Metrics } from '@parley/telemetry';
import type { Turn } from './domain/turn.ts';
import type { TurnWatch } from './ports/turn-watch.ts';
import type { UpkeepWatch } from './ports/upkeep-watch.ts';

/** What happens here, as log lines and metrics; never with text that somebody wrote. */
export class DialogueEvents implements TurnWatch, UpkeepWatch {
  readonly #logger: Logger;
  readonly #inflight;
  readonly #duration;
  readonly #outboxPending;
  readonly #outboxOldest;

  constructor(metrics: Metrics, logger: Logger) {
    this.#logger = logger;
    this.#inflight = metrics.gauge('parley_dialogue_inflight_turns');
    this.#duration = metrics.histogram('parley_dialogue_turn_duration_seconds');
    this.#outboxPending = metrics.gauge('parley_outbox_pending');
    this.#outboxOldest = metrics.gauge('parley_outbox_oldest_seconds');
  }

  accepted(turn: Turn): void {
    this.#inflight.inc({});
    this.#logger.debug({ turnId: turn.id, model: turn.model.name, stored: turn.store }, 'Turn accepted');
  }

  ended(turn: Turn): void {
    this.#inflight.dec({});
    const totalMs = (turn.endedAtMs ?? turn.createdAtMs) - turn.createdAtMs;
    if (turn.status !== 'in_progress') this.#duration.observe({ outcome: turn.status }, totalMs / 1_000);
    const { id: turnId, status, incompleteReason, error, usage } = turn;
    const line = {
      turnId,
      status,
      incompleteReason,
      code: error?.code,
      totalMs,
      outputTokens: usage?.outputTokens,
    };
    this.#logger.info(line, 'Turn ended');
  }

  moved(turnId: string): void {
    this.#inflight.dec({});
    this.#logger.warn({ turnId }, 'Turn belongs to another instance; stopped here');
  }

  modelFailed(turnId: string, error: ParleyError, willRetry: boolean): void {
    this.#logger.warn({ turnId, code: error.code, willRetry, error }, 'The model call failed');
  }

  writeFailed(turnId: string, error: unknown): void {
    this.#logger.error({ turnId, error }, 'A write of a turn failed; it is tried again');
  }

  taskFailed(task: string, error: unknown): void {
    this.#logger.error({ task, error }, 'A recurring task failed; it is tried again');
  }

  orphansEnded(count: number): void {
    this.#logger.warn({ count }, 'Ended turns whose instance has died');
  }

  outboxMeasured(stats: OutboxStats): void {
    this.#outboxPending.set({}, stats.count);
    this.#outboxOldest.set({}, stats.oldestMs / 1_000);
  }
}
