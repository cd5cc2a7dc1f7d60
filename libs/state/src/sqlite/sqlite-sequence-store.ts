import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { integerOf, prepared } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { SequenceStore } from '../ports.ts';

const takeNumber = `
  INSERT INTO sequences (key, next) VALUES (?, 1)
  ON CONFLICT (key) DO UPDATE SET next = next + 1
  RETURNING next - 1 AS taken`;

/** The next number of `key`, from 0; only inside a transaction, which takes it back when it fails. */
export function nextSequence(db: DatabaseSync, key: string): number {
  const row = prepared(db, takeNumber).get(key);
  if (row === undefined) throw new ParleyError('internal', `No sequence number came for ${key}.`);
  return integerOf(row, 'taken');
}

/** Sequence numbers in the table that commits take theirs from: a key has one row of numbers, whoever asks. */
export class SqliteSequenceStore implements SequenceStore {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  next(key: string): Promise<number> {
    return this.#connection.write((db) => nextSequence(db, key));
  }
}
