import { migrate, openSqlite } from '@parley/sqlite';
import type { RecordStore } from '../../ports/record-store.ts';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';
import { SqlRecordStore } from './sql-record-store.ts';
import { sqliteRecordLayout } from './sqlite-record-layout.ts';

/** The record in one SQLite file, made when missing; `:memory:` for tests. */
export function openSqliteRecordStore(path: string): RecordStore {
  const db = openSqlite(path);
  try {
    migrate(db, sqliteRecordLayout, 'record');
  } catch (error) {
    db.close();
    throw error;
  }
  return new SqlRecordStore(nodeSqliteDialect(db), () => {
    if (db.isOpen) db.close();
  });
}
