import type { DeadLetter } from '../domain/dead-letter.ts';
import type { EventFilter } from '../domain/event-filter.ts';
import type { IncomingEvent, StoredEvent } from '../domain/recorded-event.ts';

/** One atomic write: all of it becomes durable or none. */
export interface RecordTransaction {
  /** Of these event ids, those recorded, with their types. */
  knownEvents(ids: readonly string[]): Promise<Map<string, string>>;
  /** Of these turns, those that have their terminal event. */
  endedTurns(turnIds: readonly string[]): Promise<Set<string>>;
  /** Adds events in order; the second terminal event of a turn fails the whole transaction. */
  insertEvents(events: readonly IncomingEvent[], recordedAtMs: number): Promise<void>;
  /** Adds letters and answers those that were not there before. */
  insertDeadLetters(letters: readonly DeadLetter[], receivedAtMs: number): Promise<DeadLetter[]>;
}

export interface PageQuery {
  readonly filter: EventFilter;
  /** Positions above this one. */
  readonly after: number;
  /** Positions up to and with this one. */
  readonly upTo: number;
  /** Most events, at least 1. */
  readonly limit: number;
  /** Most payload text, in characters; the first event is handed over whatever its size. */
  readonly maxDataLength: number;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Every matching event up to this position is in the page: the `after` to go on with. It can fall short of `upTo`. */
  readonly reached: number;
}

/**
 * The durable record. Every method throws ParleyError `unavailable` when the store cannot serve now (busy, full,
 * read-only); the same call may succeed later.
 */
export interface RecordStore extends AsyncDisposable {
  write<T>(work: (transaction: RecordTransaction) => Promise<T>): Promise<T>;
  /** One short read, at most 200 ms, however large the record: it may look at a part of the range only. */
  page(query: PageQuery): Promise<EventPage>;
  /** The highest position, 0 when empty. */
  head(): Promise<number>;
  /** Proves with a real write that the store can be written. */
  probe(): Promise<void>;
  /** Removes at most about `limit` rows of each kind that are older than the time; answers how many it removed. */
  removeBefore(timeMs: number, limit: number): Promise<number>;
}
