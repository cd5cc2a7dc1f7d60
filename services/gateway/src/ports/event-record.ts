import type { Call } from './call.ts';

/** Which events; '' and [] mean any, as do parts that are left out. */
export interface EventFilter {
  readonly conversation: string;
  readonly turn: string;
  readonly types: readonly string[];
  readonly tenant?: string;
  /** Occurred at or after this time, in milliseconds since 1970. */
  readonly fromMs?: number;
  /** Occurred before this time. */
  readonly toMs?: number;
}

/** What to look for in the record. */
export interface EventQuery extends EventFilter {
  /** The `next` of the page before; '' = from the start, 'end' = after all that is recorded now. */
  readonly after: string;
  readonly limit: number;
}

/** What to export of the record. */
export interface EventExport extends EventFilter {
  /** The cursor of the last event of an export that was cut; '' = from the start. */
  readonly after: string;
  /** Of the job that the export is while it runs. */
  readonly jobId: string;
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

/** Events in the order they were recorded. */
export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** '' when there is no further page yet. */
  readonly next: string;
  /** Up to here everything has been looked at. */
  readonly reached: string;
}

/** The durable record of what happened. Its methods throw ParleyError `unavailable` when logging does not answer. */
export interface EventRecord {
  query(query: EventQuery, call: Call): Promise<EventPage>;
  /** Events as they are read, at the reader's pace. */
  export(query: EventExport, call: Call): AsyncIterable<StoredEvent>;
}
