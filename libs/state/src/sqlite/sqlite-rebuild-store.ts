import { prepared } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { ControlValue, RebuildStore, RebuiltTurn } from '../ports.ts';
import type { Fences } from './fences.ts';

const insertTurn = `
  INSERT INTO turns (id, tenant, stored, owner, fence, has_log, created_at_ms, ended_at_ms, document)
  VALUES (?, ?, 1, '', ?, 0, ?, ?, ?) ON CONFLICT DO NOTHING`;

const putControl = `
  INSERT INTO control (key, version, value) VALUES (?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value
  WHERE excluded.version > control.version`;

/** Writes back what a file has lost, such as one that was replaced by an empty one. */
export class SqliteRebuildStore implements RebuildStore {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;

  constructor(connection: SqliteConnection, fences: Fences) {
    this.#connection = connection;
    this.#fences = fences;
  }

  turn({ id, tenant, document, createdAtMs, endedAtMs }: RebuiltTurn): Promise<boolean> {
    return this.#connection.write((db) => {
      const fence = this.#fences.next(db).counter;
      const { changes } = prepared(db, insertTurn).run(id, tenant, fence, createdAtMs, endedAtMs, document);
      return changes === 1;
    });
  }

  control({ key, version, value }: ControlValue): Promise<boolean> {
    return this.#connection.write((db) => prepared(db, putControl).run(key, version, value).changes === 1);
  }
}
