import { integerOf, prepared, textOf } from '@parley/sqlite';
import type { Row, SqliteConnection } from '@parley/sqlite';
import type { ControlStore, ControlValue } from '../ports.ts';

const columns = 'key, version, value';

/** Control data in the `control` table. */
export class SqliteControlStore implements ControlStore {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  get(key: string): Promise<ControlValue | undefined> {
    return this.#connection.read((db) =>
      optionalValueOf(prepared(db, `SELECT ${columns} FROM control WHERE key = ?`).get(key)),
    );
  }

  list(prefix: string): Promise<ControlValue[]> {
    // The comparison lets the key's index be used, the substring decides.
    const select = `SELECT ${columns} FROM control WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1 ORDER BY key`;
    return this.#connection.read((db) => prepared(db, select).all(prefix).map(valueOf));
  }

  put(key: string, value: string, expected: number): Promise<ControlValue | undefined> {
    return this.#connection.write((db) => {
      if (expected === 0) {
        const insert = `INSERT INTO control (key, version, value) VALUES (?, 1, ?) ON CONFLICT DO NOTHING RETURNING ${columns}`;
        return optionalValueOf(prepared(db, insert).get(key, value));
      }
      const update = `UPDATE control SET value = ?, version = version + 1 WHERE key = ? AND version = ? RETURNING ${columns}`;
      return optionalValueOf(prepared(db, update).get(value, key, expected));
    });
  }
}

function optionalValueOf(row: Row | undefined): ControlValue | undefined {
  return row === undefined ? undefined : valueOf(row);
}

function valueOf(row: Row): ControlValue {
  return { key: textOf(row, 'key'), version: integerOf(row, 'version'), value: textOf(row, 'value') };
}
