import { ParleyError } from '@parley/kernel';
import {
  aNewTurn,
  eventually,
  findOwnServer,
  findServer,
  redisClusterKind,
  redisKind,
} from '@parley/testing';
import type { OwnServer } from '@parley/testing';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { openRedisState } from '../src/open-redis-state.ts';
import { claimName, startOnce } from '../src/ports.ts';
import type { StateStore } from '../src/ports.ts';
import type { RedisLocation } from '../src/redis/redis-options.ts';

// Tests flush it and break its connections, so it is never one that others use.
const own = await findServer(redisKind, { sources: ['container', 'program'] });
const mortal = await findOwnServer(redisKind);
const mortalCluster = await findOwnServer(redisClusterKind);

const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
const request = { tenant: 'acme', route: 'POST /v1/responses', fingerprint: 'body' };

/** Accepts a turn for a key, as dialogue does, and gives its id. */
function turnFor(store: StateStore, key: string): Promise<string> {
  const { turns, idempotency } = store;
  const options = {
    subject: aNewTurn().id,
    keepMs: 600_000,
    signal: AbortSignal.timeout(30_000),
    onError: () => undefined,
  };
  return startOnce(idempotency, { ...request, key }, options, {
    find: async (id) => (await turns.get(id))?.id,
    make: async (id) => {
      await turns.accept(aNewTurn({ id }), [], []);
      return { subject: id, made: id };
    },
    mayRepeat: false,
  });
}

/** As a client that sends its request again while it is told to. */
async function insisted(store: StateStore, key: string): Promise<string> {
  return eventually(() => turnFor(store, key), { timeoutMs: 30_000 });
}

async function command(url: string, name: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis(url);
  const reply = await redis.call(name, args);
  redis.disconnect();
  return reply;
}

describe.skipIf(own.skip !== undefined)(own.title('keyed requests on a Redis'), () => {
  test('are answered with one turn each when connections break', async () => {
    await using server = await own.start();
    await using store = await openRedisState({ url: server.address });
    const over = new AbortController();
    const breaks = (async () => {
      while (!over.signal.aborted)
        await command(server.address, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    })();
    const [first, second] = await Promise.all([
      Promise.all(keys.map((key) => insisted(store, key))),
      Promise.all(keys.map((key) => insisted(store, key))),
    ]);
    over.abort();
    await breaks;
    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(keys.length);
  });

  test('leave nothing that stays: every claim has its time', async () => {
    await using server = await own.start();
    await using store = await openRedisState({ url: server.address, keyPrefix: 'times' });
    await turnFor(store, 'a');
    const found = await command(server.address, 'KEYS', 'times:*:idempotency:*');
    expect(found).toEqual([expect.stringContaining(claimName({ ...request, key: 'a' }))]);
    const ttl = await command(server.address, 'PTTL', String((found as string[])[0]));
    expect(Number(ttl)).toBeGreaterThan(590_000);
    expect(Number(ttl)).toBeLessThanOrEqual(600_000);
  });

  test('are new ones after a flush', async () => {
    await using server = await own.start();
    await using store = await openRedisState({ url: server.address });
    const before = await turnFor(store, 'a');
    await command(server.address, 'FLUSHALL');
    expect(await turnFor(store, 'a')).not.toBe(before);
  });
});

describe.skipIf(mortal.skip !== undefined)(mortal.title('keyed requests on a Redis that is killed'), () => {
  test('get after its restart what they got before', async () => {
    await using server = await mortal.start();
    await expectKept(server, { url: server.address });
  });

  test('get the same of a cluster whose servers are all killed', async () => {
    await using server = await mortalCluster.start();
    await expectKept(server, { cluster: server.address });
  });
});

async function expectKept(server: OwnServer<unknown>, location: RedisLocation): Promise<void> {
  await using store = await openRedisState(location);
  const heard = new Map<string, string>();
  const asking = keys.map(async (key, index) => {
    await new Promise((resolve) => setTimeout(resolve, index * 2));
    const id = await turnFor(store, key).catch((error: unknown) => {
      if (error instanceof ParleyError && error.code === 'unavailable') return undefined;
      throw error;
    });
    if (id !== undefined) heard.set(key, id);
  });
  await eventually(() => expect(heard.size).toBeGreaterThan(5));
  await server.kill();
  await Promise.all(asking);
  await server.start();
  for (const key of keys) {
    const id = await insisted(store, key);
    expect(id).toBe(heard.get(key) ?? id);
    expect(await turnFor(store, key)).toBe(id);
  }
}
