import type { DeadLetter } from '../domain/dead-letter.ts';
import type { IncomingEvent } from '../domain/recorded-event.ts';
import type { Removed } from './record-store.ts';

/** What happened to the events that arrived; told after it is durable. */
export interface RecordEvents {
  stored(event: IncomingEvent): void;
  /** It was in the record before. */
  duplicate(event: IncomingEvent): void;
  deadLettered(letter: DeadLetter): void;
  /** Dead letters were tried again: that many left the list, that many stay. */
  lettersRetried(recorded: number, refused: number): void;
  /** Retention took this much. */
  expired(removed: Removed): void;
}
