import type { Call } from './call.ts';

/** What to look for in the record; '' and [] mean any. */
export interface EventQuery {
  readonly conversation: string;
  readonly turn: string;
  readonly types: readonly string[];
  /** The `next` of the page before; '' = from the start. */
  readonly after: string;
  readonly limit: number;
}

/** One stored event; `data` is the payload's JSON text, untouched. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  readonly tenant: string;
  readonly topic: string;
  readonly key: string;
  readonly sequence: number;
  readonly turnId: string;
  readonly cursor: string;
  readonly data: string;
}

/** The durable record of what happened. */
export interface EventRecord {
  /** `next` is '' when there is no further page yet. @throws ParleyError `unavailable` when logging does not answer */
  query(query: EventQuery, call: Call): Promise<{ events: readonly StoredEvent[]; next: string }>;
}
