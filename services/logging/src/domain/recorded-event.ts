import type { EventRecord } from '@parley/events/ports';

/** An event that passed inspection, with what its payload says beside the envelope. */
export interface IncomingEvent extends EventRecord {
  /** The turn it belongs to; "" when it belongs to none. */
  readonly turnId: string;
  /** Whether it is the one event that ends its turn. */
  readonly endsTurn: boolean;
}

/** An event of the record. `position` numbers events in the order they were recorded, with gaps, from 1. */
export interface StoredEvent extends EventRecord {
  readonly turnId: string;
  readonly position: number;
  readonly recordedAtMs: number;
}
