import type { EventLogHealth } from '../ports.ts';
import type { LogLines } from './log-lines.ts';
import { kafkaError } from './kafka-errors.ts';

/** What is known of the cluster from the calls made to it; a change is a log line. */
export class KafkaHealth {
  readonly #lines: LogLines;
  #health: EventLogHealth = { ok: false, reason: 'Kafka has not answered yet.' };
  #told: string | undefined;

  constructor(lines: LogLines) {
    this.#lines = lines;
  }

  get current(): EventLogHealth {
    return this.#health;
  }

  /** The cluster has answered. */
  up(): void {
    if (this.#health.ok) return;
    this.#health = { ok: true, reason: '' };
    if (this.#told !== undefined) this.#lines.info({}, 'The event log answers again');
    this.#told = undefined;
  }

  /** A call has failed. */
  down(error: unknown): void {
    const reason = kafkaError(error).message;
    this.#health = { ok: false, reason };
    if (this.#told === undefined) this.#lines.warn({ reason }, 'The event log does not answer');
    this.#told = reason;
  }
}
