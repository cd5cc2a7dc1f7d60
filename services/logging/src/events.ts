import { modelEventTypes, turnEventTypes, userEventTypes } from '@parley/contracts';
import type { Logger, Metrics } from '@parley/telemetry';
import type { DeadLetter } from './domain/dead-letter.ts';
import type { IncomingEvent } from './domain/recorded-event.ts';
import type { RecordEvents } from './ports/record-events.ts';
import type { Removed } from './ports/record-store.ts';

const knownTypes: ReadonlySet<string> = new Set([
  ...Object.values(turnEventTypes),
  ...Object.values(modelEventTypes),
  ...Object.values(userEventTypes),
]);

/** A type as a label: senders can invent any number of types, labels must stay few. */
function typeLabel(type: string): string {
  return knownTypes.has(type) ? type : 'other';
}

/** Says in metrics and log lines what happened in this service. */
export class LoggingEvents implements RecordEvents {
  readonly #metrics: Metrics;
  readonly #logger: Logger;

  constructor(metrics: Metrics, logger: Logger) {
    this.#metrics = metrics;
    this.#logger = logger;
  }

  stored({ type }: IncomingEvent): void {
    this.#metrics.counter('parley_logging_events_total').inc({ type: typeLabel(type), outcome: 'recorded' });
  }

  duplicate({ type }: IncomingEvent): void {
    this.#metrics.counter('parley_logging_events_total').inc({ type: typeLabel(type), outcome: 'duplicate' });
  }

  deadLettered({ id, type, reason, detail, topic, offset, eventId }: DeadLetter): void {
    this.#metrics
      .counter('parley_logging_events_total')
      .inc({ type: typeLabel(type), outcome: 'dead_letter' });
    this.#metrics.counter('parley_logging_dead_letters_total').inc({ reason });
    this.#logger.warn(
      { deadLetterId: id, reason, topic, offset, eventId },
      `Event set aside as a dead letter: ${detail}`,
    );
  }

  lettersRetried(recorded: number, refused: number): void {
    this.#logger.info({ recorded, refused }, 'Dead letters were tried again');
  }

  expired(removed: Removed): void {
    this.#logger.info({ ...removed }, 'Retention removed old rows and months of the record');
  }

  /** The database may lose what it acknowledges. */
  notDurable(reasons: readonly string[]): void {
    this.#logger.warn({ reasons }, 'The record is not safe against a crash of its database');
  }

  /** A batch became durable. */
  batchWritten(seconds: number): void {
    this.#metrics.histogram('parley_logging_write_duration_seconds').observe({}, seconds);
  }

  /** Consuming failed; it is tried again. */
  consumeFailed(error: unknown): void {
    this.#logger.warn({ error }, 'Events could not be taken into the record; they are tried again');
  }

  lagMeasured(events: number): void {
    this.#metrics.gauge('parley_logging_consumer_lag').set({}, events);
  }

  /** Work that repeats by itself failed once. */
  backgroundFailed(what: string, error: unknown): void {
    this.#logger.warn({ error, what }, 'Background work failed; it is tried again');
  }
}
