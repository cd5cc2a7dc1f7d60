import type { DatabaseSync, StatementSync } from 'node:sqlite';

const statementsOf = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/**
 * The prepared statement of `sql`, compiled once per connection. `sql` must come from a fixed set: every text given
 * is kept as long as the connection is.
 */
export function prepared(db: DatabaseSync, sql: string): StatementSync {
  let statements = statementsOf.get(db);
  if (statements === undefined) statementsOf.set(db, (statements = new Map()));
  let statement = statements.get(sql);
  if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)));
  return statement;
}
