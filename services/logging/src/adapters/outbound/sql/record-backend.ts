import type { Dialect, InsertObject, InsertQueryBuilder, InsertResult, Transaction } from 'kysely';
import type { ParleyError } from '@parley/kernel';
import type { Cutoffs } from '../../../domain/retention-policy.ts';
import type { RecordTables } from './record-tables.ts';

/** An insert into a table of the record. */
export type Insert<T extends keyof RecordTables> = InsertQueryBuilder<RecordTables, T, InsertResult>;

/** What a database does its own way; the queries are the same for all. */
export interface RecordBackend {
  readonly dialect: Dialect;
  /** How far from an event's time another of its id is looked for; undefined = everywhere. */
  readonly sameIdWithinMs: number | undefined;
  /** Makes the transaction wait until the writes before it are done. */
  beginWrite(sql: Transaction<RecordTables>): Promise<void>;
  /** Hands the rows of a batch, at least one and all with the same columns, to an insert, in their order. */
  withRows<T extends keyof RecordTables>(
    insert: Insert<T>,
    table: T,
    rows: readonly InsertObject<RecordTables, T>[],
  ): Insert<T>;
  /** Makes room for events of these times, in milliseconds since 1970. */
  makeRoom(sql: Transaction<RecordTables>, timesMs: readonly number[]): Promise<void>;
  /** Makes room for events of this time and some months after it. */
  prepare(sql: Transaction<RecordTables>, nowMs: number): Promise<void>;
  /** Removes the oldest month of which everything is due; answers whether there was one. */
  dropMonth(sql: Transaction<RecordTables>, cutoffs: Cutoffs): Promise<boolean>;
  /** What a failure of the database means: `unavailable`, or `invalid_request` for content that it will never take. */
  errorOf(error: unknown): ParleyError;
  /** Frees what the dialect uses; called once, after the last query. */
  close(): void;
}
