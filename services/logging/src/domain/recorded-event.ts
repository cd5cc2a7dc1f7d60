import type { EventRecord } from '@parley/events/ports';

/** From now on nothing that a user said or was told until then may be read. */
export interface Erasure {
  /** The user's key, as `IncomingEvent.user`. */
  readonly user: string;
  /** Milliseconds since 1970. */
  readonly erasedAtMs: number;
}

/** An event that passed inspection, with what its payload says beside the envelope. */
export interface IncomingEvent extends EventRecord {
  /** The turn it belongs to; "" when it belongs to none. */
  readonly turnId: string;
  /** Whether it is the one event that ends its turn. */
  readonly endsTurn: boolean;
  /** The key of the end user whose turn it is, which names nobody; "" when there is none. */
  readonly user: string;
  /** What it asks for, when it is an erasure. */
  readonly erasure?: Erasure;
}

/** An event of the record. `position` numbers events in the order they were recorded, with gaps, from 1. */
export interface StoredEvent extends EventRecord {
  readonly turnId: string;
  readonly position: number;
  readonly recordedAtMs: number;
}
