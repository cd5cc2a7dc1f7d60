import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { SqliteAdapter, SqliteDriver, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { DatabaseConnection, Dialect, SqliteDatabase } from 'kysely';
import { retryWhileBusy } from '@parley/sqlite';

/** Kysely over `node:sqlite`: its own SQLite dialect with a database of the shape it expects. */
export function nodeSqliteDialect(db: DatabaseSync): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new NodeSqliteDriver(db),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class NodeSqliteDriver extends SqliteDriver {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    super({ database: asSqliteDatabase(db) });
    this.#db = db;
  }

  /** Takes the write lock at once: a read that turns into a write in mid-transaction could not wait for it. */
  override async beginTransaction(_connection: DatabaseConnection): Promise<void> {
    await retryWhileBusy(() => this.#db.exec('BEGIN IMMEDIATE'));
  }
}

function asSqliteDatabase(db: DatabaseSync): SqliteDatabase {
  return {
    // Whoever opened it closes it: Kysely would only if it has run a query.
    close: () => undefined,
    prepare: (sql) => {
      const statement = db.prepare(sql);
      const bound = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bound(parameters)),
        run: (parameters) => statement.run(...bound(parameters)),
        iterate: (parameters) => statement.iterate(...bound(parameters)),
      };
    },
  };
}
