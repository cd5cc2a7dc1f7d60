import type { EventLogHealth } from '../ports.ts';
import { faultOf, kafkaError } from './kafka-errors.ts';
import type { LogLines } from './log-lines.ts';

/** Who has something to say about the cluster. */
export type HealthSource = 'cluster' | 'appends' | `group ${string}`;

interface Trouble {
  readonly reason: string;
  /** Whether nobody answered, so that any answer is the end of it. */
  readonly silence: boolean;
}

/** What is known of the cluster from the calls made to it; a change is a log line. */
export class KafkaHealth {
  readonly #lines: LogLines;
  readonly #troubles = new Map<HealthSource, Trouble>([
    ['cluster', { reason: 'Kafka has not answered yet.', silence: true }],
  ]);
  #told = false;

  constructor(lines: LogLines) {
    this.#lines = lines;
  }

  get current(): EventLogHealth {
    const [trouble] = this.#troubles.values();
    return trouble === undefined ? { ok: true, reason: '' } : { ok: false, reason: trouble.reason };
  }

  /** The source has done what it wanted, so that the cluster answers, too. */
  up(source: HealthSource): void {
    if (this.#troubles.size === 0) return;
    this.#troubles.delete(source);
    for (const [other, { silence }] of this.#troubles) if (silence) this.#troubles.delete(other);
    if (this.#troubles.size > 0) return;
    if (this.#told) this.#lines.info({}, 'The event log answers again');
    this.#told = false;
  }

  /** A call of the source has failed. */
  down(source: HealthSource, error: unknown): void {
    const { message: reason, cause } = kafkaError(error);
    // That time ran out says less than what went wrong before.
    if (this.#told && cause === undefined) return;
    this.#troubles.set(source, { reason, silence: faultOf(error).type === '' });
    if (!this.#told) this.#lines.warn({ reason }, 'The event log does not answer');
    this.#told = true;
  }

  /** The source is no more. */
  forget(source: HealthSource): void {
    this.#troubles.delete(source);
  }
}
