import { findServer, eventually, postgresKind } from '@parley/testing';
import type { TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresRecordStore } from '../src/adapters/outbound/postgres/postgres-record-store.ts';
import { incoming, letter, shortcuts } from './support/fixture.ts';
import { received, someDayMs, turnEvent } from './support/records.ts';
import { SilentProxy } from './support/silent-proxy.ts';
import { TestDatabases, query } from './support/test-postgres.ts';
import { recordedIds, recorderOn } from './support/test-recorder.ts';

const postgres = await findServer(postgresKind);
const dayMs = 86_400_000;

describe.skipIf(postgres.skip !== undefined)(postgres.title('a record on PostgreSQL'), () => {
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

  describe('that several instances use', () => {
    it('is made once when they all start at once', async () => {
      const target = await databases.make();
      const opened = await Promise.all(Array.from({ length: 5 }, () => openPostgresRecordStore(target)));
      await Promise.all(
        opened.map(({ store }, n) => shortcuts(store).insert(incoming('resp_1', { id: `e${n}` }))),
      );
      expect((await recordedIds(opened[0]?.store ?? never())).toSorted()).toEqual([
        'e0',
        'e1',
        'e2',
        'e3',
        'e4',
      ]);
      await Promise.all(opened.map(({ store }) => store[Symbol.asyncDispose]()));
    });

    it('has each event once when two record the same batch at the same time', async () => {
      const target = await databases.make();
      await using one = (await openPostgresRecordStore(target)).store;
      await using two = (await openPostgresRecordStore(target)).store;
      const batches = Array.from({ length: 20 }, (_, b) =>
        received(...Array.from({ length: 20 }, (_, n) => turnEvent(`resp_${b}_${n}`))),
      );
      const recorders = [recorderOn(one), recorderOn(two)];
      await Promise.all(
        recorders.map(async ({ recorder }) => {
          for (const batch of batches) await recorder.record(batch);
        }),
      );
      expect((await recordedIds(one)).toSorted()).toEqual(
        batches
          .flat()
          .map(({ id }) => id)
          .toSorted(),
      );
      const told = recorders.flatMap(({ events }) => events.lines);
      expect(told.filter((line) => line.startsWith('stored'))).toHaveLength(400);
      expect(told.filter((line) => line.startsWith('duplicate'))).toHaveLength(400);
    });

    it('shows readers no position before all below it', async () => {
      const target = await databases.make();
      await using one = (await openPostgresRecordStore(target)).store;
      await using two = (await openPostgresRecordStore(target)).store;
      const [entered, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const slow = one.write(async (tx) => {
        await tx.insertEvents([incoming('resp_1', { id: 'slow', occurredAtMs: Date.now() })], someDayMs);
        entered.resolve();
        await gate.promise;
      });
      await entered.promise;
      const quick = shortcuts(two).insert(incoming('resp_2', { id: 'quick' }));
      await expect(Promise.race([quick.then(() => 'written'), after(300)])).resolves.toBe('time is over');
      expect(await two.head()).toBe(0);
      gate.resolve();
      await Promise.all([slow, quick]);
      expect(await recordedIds(two)).toEqual(['slow', 'quick']);
    });

    it('lets a reader that goes on by position miss nothing while two write', async () => {
      const target = await databases.make();
      const stores = [await openPostgresRecordStore(target), await openPostgresRecordStore(target)];
      await using reader = (await openPostgresRecordStore(target)).store;
      let writing = true;
      const writers = stores.map(async ({ store }, w) => {
        for (let n = 0; n < 60; n++)
          await shortcuts(store).insert(
            ...[0, 1, 2].map((part) => incoming('resp_1', { id: `${w}-${n}-${part}` })),
          );
      });
      const written = Promise.all(writers).finally(() => (writing = false));
      const seen: string[] = [];
      let position = 0;
      for (let last = false; !last;) {
        last = !writing;
        const upTo = await reader.head();
        const page = await reader.page({
          filter: {},
          after: position,
          upTo,
          limit: 1000,
          maxDataLength: 1e6,
        });
        seen.push(...page.events.map(({ id }) => id));
        position = Math.max(position, page.reached);
      }
      await written;
      expect(seen).toEqual(await recordedIds(reader));
      expect(seen).toHaveLength(360);
      await Promise.all(stores.map(({ store }) => store[Symbol.asyncDispose]()));
    });
  });

  describe('that cannot be used', () => {
    it.each([
      ['a wrong password', { password: 'wrong' }],
      ['a user that there is not', { user: 'nobody' }],
      ['a database that there is not', { database: 'nowhere' }],
      ['a server without TLS where that is asked for', { tls: {} }],
    ])('is refused at once: %s', async (_, change) => {
      const opening = openPostgresRecordStore({ ...(await databases.make()), ...change });
      await expect(opening).rejects.toMatchObject({ code: 'config_invalid' });
    });

    it('is waited for, but not for ever', async () => {
      const nobody = { ...(await databases.make()), port: 1 };
      const opening = openPostgresRecordStore(nobody, { openMs: 300 });
      await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('is refused when a newer program has made it', async () => {
      const target = await databases.make();
      await (await openPostgresRecordStore(target)).store[Symbol.asyncDispose]();
      await query(target, 'update layout_versions set version = version + 1');
      await (await openPostgresRecordStore(target)).store[Symbol.asyncDispose]();
      await query(target, 'update layout_versions set version = version + 1');
      await expect(openPostgresRecordStore(target)).rejects.toMatchObject({ code: 'config_invalid' });
    });
  });

  describe('in trouble', () => {
    it('waits for another writer no longer than it may', async () => {
      const target = await databases.make();
      await using store = (await openPostgresRecordStore(target, { lockMs: 200 })).store;
      await using other = (await openPostgresRecordStore(target)).store;
      const [entered, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const holding = other.write(async () => {
        entered.resolve();
        await gate.promise;
      });
      await entered.promise;
      await expect(shortcuts(store).insert(incoming('r'))).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('another writer'),
      });
      gate.resolve();
      await holding;
      await shortcuts(store).insert(incoming('r'));
    });

    it('does not let a writer that stops in the middle hold up the others', async () => {
      const target = await databases.make();
      await using store = (await openPostgresRecordStore(target)).store;
      await using stopping = (await openPostgresRecordStore(target, { statementMs: 300 })).store;
      const never = Promise.withResolvers<void>();
      const [entered] = [Promise.withResolvers<void>()];
      const stopped = stopping.write(async (tx) => {
        await tx.insertEvents([incoming('r', { id: 'lost' })], someDayMs);
        entered.resolve();
        await never.promise;
        await tx.knownEvents([incoming('r', { id: 'lost' })]);
      });
      await entered.promise;
      await shortcuts(store).insert(incoming('r', { id: 'kept' }));
      never.resolve();
      await expect(stopped).rejects.toMatchObject({ code: 'unavailable' });
      expect(await recordedIds(store)).toEqual(['kept']);
    });

    it('gives a connection up that has fallen silent, and goes on by another', async () => {
      const target = await databases.make();
      await using proxy = await SilentProxy.start(target.port);
      const limits = { statementMs: 1000, connectMs: 2000 };
      await using store = (await openPostgresRecordStore({ ...target, port: proxy.port }, limits)).store;
      await store.head();
      proxy.silence();
      await expect(store.head()).rejects.toMatchObject({ code: 'unavailable' });
      await eventually(async () => expect(await store.head()).toBe(0), { timeoutMs: 20_000 });
      await shortcuts(store).insert(incoming('r', { id: 'a' }));
      expect(await recordedIds(store)).toEqual(['a']);
    });

    it('says what content it does not take, without that content', async () => {
      const target = await databases.make();
      await using store = (await openPostgresRecordStore(target)).store;
      const secret = 'what the user said\0';
      const failure: unknown = await shortcuts(store)
        .addLetters(letter('x', { data: secret }))
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'invalid_request' });
      const twice = incoming('r', { id: 'a', data: 'what the user said', occurredAtMs: someDayMs - dayMs });
      const conflict: unknown = await shortcuts(store)
        .insert(twice, twice)
        .catch((error: unknown) => error);
      expect(conflict).toMatchObject({ code: 'invalid_request' });
      for (const error of [failure, conflict]) {
        const { message, cause } = error as Error;
        expect(JSON.stringify([message, cause, (cause as Error).message])).not.toContain(
          'what the user said',
        );
      }
    });
  });
});

function after(ms: number): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('time is over'), ms);
  });
}

function never(): never {
  throw new Error('it was not opened');
}
