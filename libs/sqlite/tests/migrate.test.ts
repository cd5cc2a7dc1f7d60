import { expect, test } from 'vitest';
import { migrate } from '../src/migrate.ts';
import type { Migration } from '../src/migrate.ts';
import { openSqlite } from '../src/open-sqlite.ts';

const first: Migration = { version: 1, sql: 'CREATE TABLE pets (name TEXT)' };
const second: Migration = {
  version: 2,
  sql: 'ALTER TABLE pets ADD COLUMN age INTEGER; CREATE INDEX pets_age ON pets (age)',
};
const third: Migration = { version: 3, sql: 'CREATE TABLE owners (name TEXT)' };

test('a new database gets every step in order, an older one only those it lacks', () => {
  using db = openSqlite(':memory:');
  migrate(db, [first]);
  db.exec("INSERT INTO pets VALUES ('Rex')");
  migrate(db, [second, first]);
  migrate(db, [second, first]);
  expect(db.prepare('SELECT name, age FROM pets').all()).toEqual([{ name: 'Rex', age: null }]);
});

test('a step that fails leaves the layout as it was', () => {
  using db = openSqlite(':memory:');
  migrate(db, [first]);
  expect(() => migrate(db, [first, second, { version: 3, sql: 'CREATE TABLE pets (x)' }])).toThrow(
    'already exists',
  );
  expect(() => db.prepare('SELECT age FROM pets')).toThrow('no such column');
  migrate(db, [first, second]);
});

test('components of one database have versions of their own', () => {
  using db = openSqlite(':memory:');
  migrate(db, [first, second], 'pets');
  migrate(db, [{ version: 1, sql: 'CREATE TABLE cars (name TEXT)' }], 'cars');
  expect(db.prepare('SELECT * FROM layout_versions ORDER BY component').all()).toEqual([
    { component: 'cars', version: 1 },
    { component: 'pets', version: 2 },
  ]);
});

test('a layout one version newer is accepted for a rolling update, a still newer one is refused', () => {
  using db = openSqlite(':memory:');
  migrate(db, [first, second, third]);
  migrate(db, [first, second]);
  const refused = {
    code: 'config_invalid',
    message: expect.stringContaining('layout 3 of main; this program knows 1'),
  };
  expect(() => migrate(db, [first])).toThrow(expect.objectContaining(refused));
});
