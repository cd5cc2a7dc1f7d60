import { join } from 'node:path';
import { findServer, postgresKind, temporaryFolder } from '@parley/testing';
import type { TemporaryFolder, TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresRecordStore } from '../src/adapters/outbound/postgres/postgres-record-store.ts';
import { openSqliteRecordStore } from '../src/adapters/outbound/sqlite/sqlite-record-store.ts';
import { recordStoreContract } from './contract/record-store-contract.ts';
import { TestDatabases } from './support/test-postgres.ts';

const postgres = await findServer(postgresKind);

recordStoreContract('SQLite in memory', () => Promise.resolve(openSqliteRecordStore(':memory:')));

describe('in a folder', () => {
  let folder: TemporaryFolder;
  let files = 0;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  recordStoreContract('SQLite in a file', () =>
    Promise.resolve(openSqliteRecordStore(join(folder.path, `record-${files++}.db`))),
  );
});

describe.skipIf(postgres.skip !== undefined)(postgres.title('on a server'), () => {
  let server: TestServer<string>;
  let databases: TestDatabases;
  beforeAll(async () => {
    server = await postgres.start();
    databases = new TestDatabases(server.address);
  });
  afterAll(async () => {
    await databases?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  recordStoreContract('PostgreSQL', async () => {
    const { store } = await openPostgresRecordStore(await databases.make());
    return store;
  });
});
