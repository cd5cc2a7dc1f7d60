import type { DatabaseSync } from 'node:sqlite';
import { userKey } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { migrate, openSqlite } from '@parley/sqlite';
import type { RecordStore } from '../../../ports/record-store.ts';
import { migrationSql, recordMigrations } from '../sql/record-migrations.ts';
import type { RecordBackend } from '../sql/record-backend.ts';
import { SqlRecordStore } from '../sql/sql-record-store.ts';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';

/** The record in one SQLite file, made when missing; `:memory:` for tests. */
export function openSqliteRecordStore(path: string): RecordStore {
  const db = openSqlite(path);
  try {
    db.function('parley_user_key', { deterministic: true }, (tenant, endUser) =>
      userKey(String(tenant), String(endUser)),
    );
    const steps = recordMigrations.map((step) => ({
      version: step.version,
      sql: migrationSql(step, 'sqlite'),
    }));
    migrate(db, steps, 'record');
  } catch (error) {
    db.close();
    throw error;
  }
  return new SqlRecordStore(sqliteBackend(db));
}

/** One connection and one process: a transaction has the database for itself, and there are no months to drop. */
function sqliteBackend(db: DatabaseSync): RecordBackend {
  return {
    dialect: nodeSqliteDialect(db),
    sameIdWithinMs: undefined,
    beginWrite: () => Promise.resolve(),
    withRows: (insert, _, rows) => insert.values(rows),
    makeRoom: () => Promise.resolve(),
    prepare: () => Promise.resolve(),
    dropMonth: () => Promise.resolve(false),
    errorOf,
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

/** TOOBIG, CONSTRAINT and MISMATCH: the same content would be refused again. */
const contentCodes: ReadonlySet<number> = new Set([18, 19, 20]);

function errorOf(error: unknown): ParleyError {
  const { errcode = 0 } = error as { readonly errcode?: number };
  if (contentCodes.has(errcode & 0xff))
    return new ParleyError('invalid_request', 'The record store takes no such content.', { cause: error });
  const message = 'The record store cannot serve now: it is busy, full, read-only or closed.';
  return new ParleyError('unavailable', message, { cause: error });
}
