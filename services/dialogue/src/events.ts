import { faultText } from '@parley/config';
import type { DocumentsEvents, DocumentsReport } from '@parley/config';
import type { ParleyError } from '@parley/kernel';
import type { Durability } from '@parley/state';
import type { OutboxStats, PendingEvent } from '@parley/state/ports';
import type { Logger, Metrics } from '@parley/telemetry';
import type { StrategyStep } from './domain/strategy/strategy.ts';
import type { Turn } from './domain/turn/turn.ts';
import type { StrategyWatch } from './ports/strategy-watch.ts';
import type { TurnWatch } from './ports/turn-watch.ts';
import type { UpkeepWatch } from './ports/upkeep-watch.ts';

/** Folders of documents, and what metrics call their kind. */
const kindByFolder: Readonly<Record<string, 'Assistant' | 'MemoryStrategy' | 'Flow'>> = {
  assistants: 'Assistant',
  strategies: 'MemoryStrategy',
  flows: 'Flow',
};

/** What happens here, as log lines and metrics; never with text that somebody wrote. */
export class DialogueEvents implements TurnWatch, UpkeepWatch, StrategyWatch, DocumentsEvents {
  readonly #logger: Logger;
  readonly #inflight;
  readonly #modelQueued;
  readonly #duration;
  readonly #outboxPending;
  readonly #outboxOldest;
  readonly #strategyDuration;
  readonly #documentFaults;
  /** Each is told once, for as long as it is there. */
  #toldFaults: ReadonlySet<string> = new Set();

  constructor(metrics: Metrics, logger: Logger) {
    this.#logger = logger;
    this.#inflight = metrics.gauge('parley_dialogue_inflight_turns');
    this.#modelQueued = metrics.gauge('parley_dialogue_model_queued');
    this.#duration = metrics.histogram('parley_dialogue_turn_duration_seconds');
    this.#outboxPending = metrics.gauge('parley_outbox_pending');
    this.#outboxOldest = metrics.gauge('parley_outbox_oldest_seconds');
    this.#strategyDuration = metrics.histogram('parley_dialogue_strategy_duration_seconds');
    this.#documentFaults = metrics.gauge('parley_dialogue_document_faults');
  }

  startsWaiting(count: number): void {
    this.#modelQueued.set({}, count);
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

  rebuilt(turnId: string): void {
    this.#logger.warn({ turnId }, 'The state store had lost the turn; it was written anew');
  }

  modelFailed(turnId: string, error: ParleyError, willRetry: boolean): void {
    this.#logger.warn({ turnId, code: error.code, willRetry, error }, 'The model call failed');
  }

  writeFailed(turnId: string, error: unknown): void {
    this.#logger.error({ turnId, error }, 'A write of a turn failed; it is tried again');
  }

  keyFailed(error: unknown): void {
    this.#logger.warn({ error }, 'A note about an Idempotency-Key could not be written');
  }

  taskFailed(task: string, error: unknown): void {
    this.#logger.error({ task, error }, 'A recurring task failed; it is tried again');
  }

  orphansEnded(count: number): void {
    this.#logger.warn({ count }, 'Ended turns whose instance has died');
  }

  lostTurnsEnded(count: number): void {
    this.#logger.warn({ count }, 'Ended turns of this instance that the store had taken without an answer');
  }

  /** Once, at start. */
  stateOpened({ confirmed, reasons }: Durability): void {
    if (confirmed) return;
    this.#logger.warn({ reasons }, 'It is not confirmed that the state store keeps what it has acknowledged');
  }

  outboxMeasured(stats: OutboxStats): void {
    this.#outboxPending.set({}, stats.count);
    this.#outboxOldest.set({}, stats.oldestMs / 1_000);
  }

  eventRefused({ id: eventId, type, key, shard }: PendingEvent, error: unknown): void {
    const line = { eventId, type, key, shard, error };
    this.#logger.error(line, 'The event log refuses an event; those behind it in its shard wait');
  }

  stepped({ strategy, hook, durationMs }: StrategyStep): void {
    this.#strategyDuration.observe({ strategy, hook }, durationMs / 1_000);
  }

  strategyFailed({ strategy, version, hook }: StrategyStep, error: unknown): void {
    this.#logger.warn({ strategy, version, hook, error }, 'A strategy failed; the turn goes on without it');
  }

  changed({ revision, documents }: DocumentsReport): void {
    this.#logger.info({ revision, documents: documents.length }, 'Documents in effect');
  }

  faults({ faults }: DocumentsReport): void {
    for (const kind of [...Object.values(kindByFolder), 'other'] as const) {
      const ofKind = faults.filter(({ file }) => kindOf(file) === kind);
      this.#documentFaults.set({ kind }, ofKind.length);
    }
    const told = faults.map(faultText);
    for (const fault of told) {
      if (!this.#toldFaults.has(fault))
        this.#logger.warn({ fault }, 'A document is at fault and not in effect');
    }
    if (told.length === 0) this.#logger.info('No document is at fault any more');
    this.#toldFaults = new Set(told);
  }
}

function kindOf(file: string): 'Assistant' | 'MemoryStrategy' | 'Flow' | 'other' {
  return kindByFolder[file.split('/', 1)[0] ?? ''] ?? 'other';
}
