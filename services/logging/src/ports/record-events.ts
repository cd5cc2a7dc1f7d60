import type { DeadLetter } from '../domain/dead-letter.ts';
import type { IncomingEvent } from '../domain/recorded-event.ts';

/** What happened to the events that arrived; told after it is durable. */
export interface RecordEvents {
  stored(event: IncomingEvent): void;
  /** It was in the record before. */
  duplicate(event: IncomingEvent): void;
  deadLettered(letter: DeadLetter): void;
  /** Retention took this many rows. */
  expired(rows: number, beforeMs: number): void;
}
