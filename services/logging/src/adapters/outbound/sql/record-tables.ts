import type { Generated } from 'kysely';

/** The columns of the record as queries see them; every dialect has them under these names. */
export interface RecordTables {
  readonly events: EventsTable;
  readonly terminal_turns: TerminalTurnsTable;
  readonly dead_letters: DeadLettersTable;
  readonly erasures: ErasuresTable;
  readonly write_probe: WriteProbeTable;
}

export interface EventsTable {
  readonly position: Generated<number>;
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly tenant: string;
  readonly topic: string;
  readonly key: string;
  readonly sequence: number;
  readonly turn_id: string;
  /** Milliseconds since 1970, as all times here. */
  readonly occurred_at: number;
  readonly recorded_at: number;
  readonly traceparent: string | null;
  /** Length of `data` in characters, so that a page can be cut by size without reading payloads. */
  readonly data_length: number;
  /** The payload as received. */
  readonly data: string;
  /** The key of the end user whose text `data` may hold; "" = nobody's. */
  readonly user_key: string;
}

interface TerminalTurnsTable {
  readonly turn_id: string;
  readonly event_id: string;
  readonly occurred_at: number;
  readonly tenant: string;
}

export interface DeadLettersTable {
  readonly position: Generated<number>;
  readonly id: string;
  readonly received_at: number;
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly record_partition: number;
  readonly record_offset: number;
  readonly key: string;
  readonly event_id: string;
  readonly type: string;
  readonly tenant: string;
  readonly data: string;
  readonly user_key: string;
  readonly attributes: string;
  readonly published_at: number | null;
}

interface ErasuresTable {
  readonly user_key: string;
  readonly erased_at: number;
}

interface WriteProbeTable {
  readonly id: number;
  readonly at: number;
}
