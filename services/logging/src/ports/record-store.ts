import type { DeadLetter, StoredLetter } from '../domain/dead-letter.ts';
import type { EventFilter } from '../domain/event-filter.ts';
import type { Erasure, IncomingEvent, StoredEvent } from '../domain/recorded-event.ts';
import type { Cutoffs } from '../domain/retention-policy.ts';

/** What tells an event from all others. */
export type EventKey = Pick<IncomingEvent, 'id' | 'occurredAtMs'>;

/** One atomic write: all of it becomes durable or none. Writes happen one after another, whoever makes them. */
export interface RecordTransaction {
  /**
   * Of these events, the ids of those recorded, with their types. A store may look around the events' times only, 31 days
   * to both sides: whatever comes again has the time it had.
   */
  knownEvents(events: readonly EventKey[]): Promise<Map<string, string>>;
  /** Of these turns, those that have their terminal event. */
  endedTurns(turnIds: readonly string[]): Promise<Set<string>>;
  /** Adds events in order; the second terminal event of a turn fails the whole transaction. */
  insertEvents(events: readonly IncomingEvent[], recordedAtMs: number): Promise<void>;
  readonly letters: LetterWrites;
  readonly erasures: ErasureMemory;
}

/** Changes to the dead letters. */
export interface LetterWrites {
  /** Adds letters and answers those that were not there before. */
  insert(letters: readonly DeadLetter[], receivedAtMs: number): Promise<DeadLetter[]>;
  /** Takes a letter off the list. */
  remove(id: string): Promise<void>;
  /** Writes why a letter stays: its `reason` and `detail`. */
  refuse(letter: DeadLetter): Promise<void>;
}

/** Which users have been erased; kept for good, because what happened before can come at any time. */
export interface ErasureMemory {
  /** Of these users, those that were erased, with the latest time. */
  until(users: readonly string[]): Promise<Map<string, number>>;
  remember(erasure: Erasure): Promise<void>;
}

export interface PageBounds {
  /** Positions above this one. */
  readonly after: number;
  /** Most rows, at least 1. */
  readonly limit: number;
  /** Most payload text, in characters; the first row is handed over whatever its size. */
  readonly maxDataLength: number;
}

export interface PageQuery extends PageBounds {
  readonly filter: EventFilter;
  /** Positions up to and with this one. */
  readonly upTo: number;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Every matching event up to this position is in the page: the `after` to go on with. It can fall short of `upTo`. */
  readonly reached: number;
}

/** The dead letters, in the order they came. */
export interface LetterShelf {
  page(bounds: PageBounds): Promise<StoredLetter[]>;
  /** Of these, those that are there, in their order on the shelf. */
  load(ids: readonly string[]): Promise<StoredLetter[]>;
  /** The first of those that have not been published. */
  unpublished(limit: number): Promise<StoredLetter[]>;
  markPublished(ids: readonly string[], atMs: number): Promise<void>;
}

/** Where a step through a user's rows begins and how far it goes. */
export interface TextStep {
  readonly user: string;
  /** Positions above this one; 0 = from the start. */
  readonly after: number;
  readonly limit: number;
}

/**
 * The texts of a user. A step hands its rows to `change` and writes what that answers, undefined = the row stays. It
 * answers the `after` of the next step, undefined when none is left.
 */
export interface UserTexts {
  events(
    step: TextStep,
    change: (
      event: StoredEvent & { readonly user: string },
    ) => Pick<IncomingEvent, 'user' | 'data'> | undefined,
  ): Promise<number | undefined>;
  letters(
    step: TextStep,
    change: (letter: StoredLetter) => Pick<DeadLetter, 'user' | 'data'> | undefined,
  ): Promise<number | undefined>;
}

/** What a step of the retention removed. */
export interface Removed {
  readonly rows: number;
  /** Whole parts of the record, with all their rows; they are not counted in `rows`. */
  readonly months: number;
}

/** What has to be done now and then. */
export interface RecordUpkeep {
  /** Makes room for what is to come; what comes for another time finds room as well. */
  prepare(nowMs: number): Promise<void>;
  /** Removes at most about `limit` rows of each kind, or one whole part, of what is older than its cutoff. */
  removeExpired(cutoffs: Cutoffs, limit: number): Promise<Removed>;
}

/**
 * The durable record. Every method throws ParleyError `unavailable` when the store cannot serve now (away, busy, full,
 * read-only), and the same call may succeed later; a write throws `invalid_request` when the store will never take its
 * content.
 */
export interface RecordStore extends AsyncDisposable {
  write<T>(work: (transaction: RecordTransaction) => Promise<T>): Promise<T>;
  /** One short read, at most 200 ms, however large the record: it may look at a part of the range only. */
  page(query: PageQuery): Promise<EventPage>;
  /** The highest position, 0 when empty. No position up to it will be given to an event any more. */
  head(): Promise<number>;
  /** Proves with a real write that the store can be written. */
  probe(): Promise<void>;
  readonly letters: LetterShelf;
  readonly texts: UserTexts;
  readonly upkeep: RecordUpkeep;
}
