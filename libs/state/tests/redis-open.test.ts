import { aNewTurn, anEnd, anEntry, eventually, findOwnServer, findServer } from '@parley/testing';
import { redisKind, redisSentinelKind, redisTlsKind } from '@parley/testing';
import { newUuid, sleep } from '@parley/kernel';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { openRedisState } from '../src/open-redis-state.ts';

const own = await findServer(redisKind, { sources: ['container', 'program'] });

describe.skipIf(own.skip !== undefined)(own.title('opening a state store on Redis'), () => {
  test('confirms that steps are durable where each is on disk before its answer', async () => {
    await using server = await own.start();
    await using store = await openRedisState({ url: server.address });
    expect(store.durability).toEqual({ confirmed: true, reasons: [] });
  });

  test('says what a server lacks for that', async () => {
    await using server = await own.start();
    await using admin = administrator(server.address);
    await admin.redis.config('SET', 'appendfsync', 'everysec');
    await admin.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await using store = await openRedisState({ url: server.address });
    expect(store.durability).toEqual({
      confirmed: false,
      reasons: ['maxmemory-policy is allkeys-lru, not noeviction', 'appendfsync is everysec, not always'],
    });
  });

  test('as a user with few rights works, and says when one of them is missing to tell the durability', async () => {
    await using server = await own.start();
    await using admin = administrator(server.address);
    const rights = ['~mine:*', '-@all', '+@read', '+@write', '+@connection', '+info', '+fcall', '+time'];
    const login = { url: server.address, username: 'parley', password: 'secret', keyPrefix: 'mine' };
    await admin.redis.call(
      'ACL',
      'SETUSER',
      'parley',
      'on',
      '>secret',
      ...rights,
      '+fcall_ro',
      '+function|load',
    );
    {
      await using store = await openRedisState(login);
      expect(store.durability.confirmed).toBe(false);
      expect(store.durability.reasons).toEqual([
        'the server does not tell its settings (CONFIG GET is refused)',
      ]);
      expect(await store.owners.renew('me', 1_000)).toEqual(['me']);
    }
    await admin.redis.call('ACL', 'SETUSER', 'parley', '+config|get');
    await using store = await openRedisState(login);
    expect(store.durability.confirmed).toBe(true);
  });

  test('is refused for a wrong password and for a user that may not load functions', async () => {
    await using server = await own.start();
    await using admin = administrator(server.address);
    await admin.redis.call('ACL', 'SETUSER', 'weak', 'on', '>secret', '~*', '+@all', '-function');
    for (const [username, password] of [
      ['weak', 'wrong'],
      ['weak', 'secret'],
    ] as const) {
      const opening = openRedisState({ url: server.address, username, password });
      await expect(opening).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('user'),
      });
    }
  });

  test('gives each key prefix a store of its own', async () => {
    await using server = await own.start();
    await using mine = await openRedisState({ url: server.address, keyPrefix: 'mine' });
    await using theirs = await openRedisState({ url: server.address, keyPrefix: 'theirs' });
    await mine.control.put('a', 'value', 0);
    expect(await theirs.control.get('a')).toBeUndefined();
    await using again = await openRedisState({ url: server.address, keyPrefix: 'mine' });
    expect(await again.control.get('a')).toMatchObject({ value: 'value' });
  });

  test('that is closed finishes what it was asked, and serves no more', async () => {
    await using server = await own.start();
    const store = await openRedisState({ url: server.address });
    const numbers = Promise.all(Array.from({ length: 100 }, () => store.sequences.next('a')));
    await store[Symbol.asyncDispose]();
    expect(await numbers).toHaveLength(100);
    await expect(store.sequences.next('a')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

const ownProgram = await findOwnServer(redisKind);

describe.skipIf(ownProgram.skip !== undefined)(ownProgram.title('a Redis that comes late'), () => {
  test('waits for a server that is only just starting', async () => {
    await using server = await ownProgram.start();
    await server.kill();
    const opening = openRedisState({ url: server.address });
    await sleep(1_000);
    await server.start();
    await using store = await opening;
    expect(await store.sequences.next('a')).toBe(0);
  });
});

const encrypted = await findServer(redisTlsKind);
const watched = await findOwnServer(redisSentinelKind);

describe.skipIf(encrypted.skip !== undefined)(encrypted.title('a Redis that is reached by TLS'), () => {
  test('is used when its certificate can be trusted, and not else', async () => {
    await using server = await encrypted.start();
    const { url, ca } = server.address;
    await using store = await openRedisState({ url, tls: { ca } });
    expect(await store.sequences.next('a')).toBe(0);
    await expect(openRedisState({ url, connectWithinMs: 500 })).rejects.toMatchObject({
      code: 'unavailable',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });
});

describe.skipIf(watched.skip !== undefined)(watched.title('a primary that Sentinels name'), () => {
  test('is followed when another becomes it', async () => {
    await using server = await watched.start();
    await using store = await openRedisState(server.address);
    await store.control.put('a', 'value', 0);
    const turn = aNewTurn();
    const fence = await store.turns.accept(turn, [anEntry(0)], []);
    await using other = await openRedisState(server.address);
    await store.turnLogs.append(turn.id, fence, [anEntry(1)]);
    await server.kill();
    await eventually(() => store.turns.commit(turn.id, fence, anEnd()), { timeoutMs: 30_000 });
    expect(await other.turns.get(turn.id)).toMatchObject({ ended: true });
    expect(await other.control.get('a')).toMatchObject({ value: 'value' });
  });
});

describe('opening a state store', () => {
  test('fails soon where nobody listens', async () => {
    const nowhere = [{ url: 'redis://127.0.0.1:1' }, { cluster: [{ host: '127.0.0.1', port: 1 }] }];
    for (const location of nowhere) {
      const opening = openRedisState({ ...location, connectWithinMs: 500 });
      const message = expect.stringMatching(/^Redis cannot be reached within 0\.5 s: .+\.$/);
      await expect(opening).rejects.toMatchObject({ code: 'unavailable', message });
    }
  });

  test('refuses an address and a prefix that cannot be one', async () => {
    const wrong = [{ url: 'http://somewhere' }, { url: 'redis://somewhere', keyPrefix: 'a{b}' }];
    for (const options of wrong)
      await expect(openRedisState(options)).rejects.toMatchObject({ code: 'config_invalid' });
  });
});

function administrator(url: string): { redis: Redis } & AsyncDisposable {
  const redis = new Redis(url, { connectionName: newUuid() });
  return { redis, [Symbol.asyncDispose]: async () => redis.disconnect() };
}
