import { sql } from 'kysely';
import type { InsertObject } from 'kysely';
import type { Insert } from '../sql/record-backend.ts';
import type { RecordTables } from '../sql/record-tables.ts';

/**
 * Hands rows to an insert as one JSON parameter, from which PostgreSQL takes each column by its name and type. A
 * parameter for each value, 15 an event, costs this process several times as much, and the server no less.
 */
export function rowsAsJson<T extends keyof RecordTables>(
  insert: Insert<T>,
  table: T,
  rows: readonly InsertObject<RecordTables, T>[],
): Insert<T> {
  const columns = Object.keys(rows[0] ?? {}) as (keyof RecordTables[T] & string)[];
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const source = sql.table(table);
  return insert
    .columns(columns)
    .expression(sql`select ${names} from json_populate_recordset(null::${source}, ${JSON.stringify(rows)})`);
}
