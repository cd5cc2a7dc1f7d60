import type { SQLOutputValue } from 'node:sqlite';

/** A row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** The text in a column. @throws TypeError when it is anything else. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrongType(column, 'text', value);
  return value;
}

/** The text in a column, undefined for NULL. @throws TypeError when it is anything else. */
export function optionalTextOf(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column);
}

/** The integer in a column. @throws TypeError when it is anything else. */
export function integerOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw wrongType(column, 'an integer', value);
  return value;
}

/** The integer in a column, undefined for NULL. @throws TypeError when it is anything else. */
export function optionalIntegerOf(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : integerOf(row, column);
}

function wrongType(column: string, expected: string, value: unknown): TypeError {
  return new TypeError(
    `Column ${column} has ${value === undefined ? 'no value' : typeof value} instead of ${expected}.`,
  );
}
