import { readFileSync } from 'node:fs';
import { findServer, makeCertificate, postgresKind, temporaryFolder } from '@parley/testing';
import { expect, it } from 'vitest';
import { openPostgresRecordStore } from '../src/adapters/outbound/postgres/postgres-record-store.ts';
import { TestDatabases } from './support/test-postgres.ts';
import { TlsProxy } from './support/tls-proxy.ts';

const postgres = await findServer(postgresKind);

it.skipIf(postgres.skip !== undefined)(
  postgres.title('a record is reached by TLS, and only where the certificate is one to trust'),
  async () => {
    await using server = await postgres.start();
    await using databases = new TestDatabases(server.address);
    const target = await databases.make();
    await using folder = await temporaryFolder();
    const files = makeCertificate(folder.path);
    const ca = readFileSync(files.certificate, 'utf8');
    await using proxy = await TlsProxy.start(target.port, readFileSync(files.key, 'utf8'), ca);
    const behind = { ...target, port: proxy.port };
    {
      await using store = (await openPostgresRecordStore({ ...behind, tls: { ca } })).store;
      await store.probe();
    }
    const untrusted = openPostgresRecordStore({ ...behind, tls: {} });
    await expect(untrusted).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('certificate'),
    });
    const plainly = openPostgresRecordStore(behind, { openMs: 100 });
    await expect(plainly).rejects.toMatchObject({ code: 'unavailable' });
  },
);
