import { join } from 'node:path';
import { findServer, postgresKind, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder, TestServer } from '@parley/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { openPostgresRecordStore } from '../../src/adapters/outbound/postgres/postgres-record-store.ts';
import { openSqliteRecordStore } from '../../src/adapters/outbound/sqlite/sqlite-record-store.ts';
import type { RecordStore } from '../../src/ports/record-store.ts';
import { shortcuts } from './fixture.ts';
import { TestDatabases } from './test-postgres.ts';

/** A store of its own for each test, and short ways to what the tests do all the time. */
export interface StoreUnderTest extends ReturnType<typeof shortcuts> {
  readonly store: RecordStore;
}

/** Defines the same tests for every adapter of the RecordStore port. */
export async function describeStores(define: (under: StoreUnderTest) => void): Promise<void> {
  const postgres = await findServer(postgresKind);
  describe('a record store: SQLite in memory', () => {
    define(storeUnderTest(() => Promise.resolve(openSqliteRecordStore(':memory:'))));
  });
  describe('a record store: SQLite in a file', () => defineInFolder(define));
  describe.skipIf(postgres.skip !== undefined)(postgres.title('a record store: PostgreSQL'), () =>
    defineOnPostgres(() => postgres.start(), define),
  );
}

function defineInFolder(define: (under: StoreUnderTest) => void): void {
  let folder: TemporaryFolder;
  let files = 0;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());
  define(storeUnderTest(() =>
    Promise.resolve(openSqliteRecordStore(join(folder.path, `record-${files++}.db`))),
  ));
}

function defineOnPostgres(
  start: () => Promise<TestServer<string>>,
  define: (under: StoreUnderTest) => void,
): void {
  let server: TestServer<string>;
  let databases: TestDatabases;
  beforeAll(async () => {
    server = await start();
    databases = new TestDatabases(server.address);
  });
  afterAll(async () => {
    await databases?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  define(storeUnderTest(async () => (await openPostgresRecordStore(await databases.make())).store));
}

function storeUnderTest(open: () => Promise<RecordStore>): StoreUnderTest {
  let store: RecordStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store[Symbol.asyncDispose]());
  return {
    get store() {
      return store;
    },
    insert: (...events) => shortcuts(store).insert(...events),
    addLetters: (...letters) => shortcuts(store).addLetters(...letters),
    idsOf: (filter, bounds) => shortcuts(store).idsOf(filter, bounds),
    letterNames: () => shortcuts(store).letterNames(),
  };
}
