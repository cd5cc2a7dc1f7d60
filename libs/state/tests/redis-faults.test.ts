import {
  aNewTurn,
  anEnd,
  anEntry,
  anOutboxEvent,
  eventually,
  findOwnServer,
  findServer,
} from '@parley/testing';
import { redisClusterKind, redisKind } from '@parley/testing';
import type { OwnServer } from '@parley/testing';
import { newPublicId } from '@parley/kernel';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { openRedisState } from '../src/open-redis-state.ts';
import { outboxLeaseName } from '../src/ports.ts';
import type { PendingEvent, StateStore } from '../src/ports.ts';
import type { RedisLocation } from '../src/redis/redis-options.ts';
import { sharedKey, TurnLoad } from './support/turn-load.ts';

const allShards = Array.from({ length: 64 }, (_, shard) => shard);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const pendingOf = (store: StateStore): Promise<PendingEvent[]> => store.outbox.pending(allShards, 100_000);
const job = { kind: 'pull', subject: 's', params: '{}', document: '{}', createdAtMs: 1 };

// Tests flush it and break its connections, so it is never one that others use.
const own = await findServer(redisKind, { sources: ['container', 'program'] });
const mortal = await findOwnServer(redisKind);
const mortalCluster = await findOwnServer(redisClusterKind);

describe.skipIf(own.skip !== undefined)(own.title('a Redis that is flushed in mid-use'), () => {
  test('knows no fence of before, and new work goes on', async () => {
    await using server = await own.start();
    await using store = await openRedisState({ url: server.address });
    const turn = aNewTurn();
    const key = newPublicId('conv', 9);
    const fence = await store.turns.accept(turn, [anEntry(0)], [anOutboxEvent({ key })]);
    const lease = await leaseOf(store, 9);
    await store.jobs.add({ ...job, id: 'job' }, { maxQueued: 1, share: false });
    const claimed = await store.jobRuns.claim(['pull'], 'me', 60_000);
    await command(server.address, 'FLUSHALL');
    await expect(store.turns.commit(turn.id, fence, anEnd())).rejects.toMatchObject({ code: 'stale_fence' });
    // The same names, owners and even counters come again, in another epoch.
    const again = await store.turns.accept(turn, [anEntry(0)], [anOutboxEvent({ key })]);
    expect(again.epoch).not.toBe(fence.epoch);
    const append = store.turnLogs.append(turn.id, fence, [anEntry(1)]);
    await expect(append).rejects.toMatchObject({ code: 'stale_fence' });
    expect(await store.turns.takeOver(turn.id, fence, 'x')).toBeUndefined();
    expect((await leaseOf(store, 9)).epoch).not.toBe(lease.epoch);
    await store.outbox.remove(await pendingOf(store), new Map([[9, lease]]));
    expect(await pendingOf(store)).toMatchObject([{ key, sequence: 0 }]);
    await store.jobs.add({ ...job, id: 'job' }, { maxQueued: 1, share: false });
    expect((await store.jobRuns.claim(['pull'], 'me', 60_000))?.fence.counter).toBe(claimed?.fence.counter);
    const save = store.jobRuns.save('job', claimed?.fence ?? fence, '{}');
    await expect(save).rejects.toMatchObject({ code: 'stale_fence' });
    await store.turns.commit(turn.id, again, anEnd({ events: [anOutboxEvent({ key })] }));
  });

  test('fails only the turns that were running, under load', async () => {
    await using server = await own.start();
    await using store = await openRedisState({ url: server.address });
    const load = new TurnLoad(store, 'dialogue-1');
    load.start(16);
    await eventually(() => expect(load.ids('ended').length).toBeGreaterThan(50));
    await command(server.address, 'FLUSHALL');
    const flushedAt = load.acknowledged.length;
    await eventually(() => expect(load.acknowledged.length).toBeGreaterThan(flushedAt + 200));
    await load.stop();
    expect(load.failures.length).toBeLessThanOrEqual(16);
    for (const failure of load.failures) expect(failure).toMatchObject({ code: 'stale_fence' });
    const kept = (await pendingOf(store)).filter(({ key }) => key === sharedKey);
    expect(kept.map(({ sequence }) => sequence)).toEqual(range(kept.length));
  });

  test('gets its functions again when it has lost them', async () => {
    await using server = await own.start();
    await using store = await openRedisState({ url: server.address });
    const turn = aNewTurn();
    const fence = await store.turns.accept(turn, [], []);
    await command(server.address, 'FUNCTION', 'FLUSH');
    const appends = range(50).map((sequence) => store.turnLogs.append(turn.id, fence, [anEntry(sequence)]));
    await Promise.all(appends);
    expect((await store.turnLogs.read(turn.id, -1, 100)).entries).toHaveLength(50);
  });
});

describe.skipIf(own.skip !== undefined)(own.title('a connection that breaks'), () => {
  test('neither fails a step nor does it twice', async () => {
    await using server = await own.start();
    await using store = await openRedisState({ url: server.address });
    const load = new TurnLoad(store, 'dialogue-1');
    load.start(16);
    for (const round of range(10)) {
      await eventually(() => expect(load.ids('ended').length).toBeGreaterThan(30 * (round + 1)));
      await command(server.address, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    await expectWhole(store, load);
  });
});

describe.skipIf(mortal.skip !== undefined)(mortal.title('a Redis that is killed'), () => {
  test('has everything it acknowledged when it is started again', async () => {
    await using server = await mortal.start();
    await expectKilledKeepsAll(server, { url: server.address });
  });

  test('has the same as a cluster whose servers are all killed', async () => {
    await using server = await mortalCluster.start();
    await expectKilledKeepsAll(server, { cluster: server.address });
  });

  test('is told as unavailable, soon, and is used again when it is back', async () => {
    await using server = await mortal.start();
    await using store = await openRedisState({ url: server.address });
    await server.kill();
    const askedAt = performance.now();
    await expect(store.turns.get('x')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' });
    expect(performance.now() - askedAt).toBeLessThan(11_000);
    await server.start();
    await eventually(() => store.ping());
    await store.turns.accept(aNewTurn(), [], [anOutboxEvent()]);
  });
});

async function leaseOf(store: StateStore, shard: number) {
  const name = outboxLeaseName(shard);
  const fence = (await store.leases.acquire([name], 'relay', 60_000)).get(name);
  if (fence === undefined) throw new Error('a free lease is given');
  return fence;
}

async function command(url: string, name: string, ...args: string[]): Promise<void> {
  const redis = new Redis(url);
  await redis.call(name, args);
  redis.disconnect();
}

async function expectKilledKeepsAll(server: OwnServer<unknown>, location: RedisLocation): Promise<void> {
  await using store = await openRedisState(location);
  const load = new TurnLoad(store, 'dialogue-1');
  load.start(16);
  for (const round of range(3)) {
    const before = load.ids('ended').length;
    const after = before + 40 + 7 * round;
    await eventually(() => expect(load.ids('ended').length).toBeGreaterThan(after), { timeoutMs: 20_000 });
    await server.kill();
    await server.start();
  }
  await load.stop();
  for (const failure of load.failures) expect(failure).toMatchObject({ code: 'unavailable' });
  await using other = await openRedisState(location);
  await expectWhole(other, load);
  expect(load.ids('ended').length).toBeGreaterThan(120);
}

/** What was acknowledged is there, what is there is whole, and nothing is there twice. */
async function expectWhole(store: StateStore, load: TurnLoad): Promise<void> {
  const events = await pendingOf(store);
  const ended = new Set(load.ids('ended'));
  const shared = events.filter(({ key }) => key === sharedKey);
  expect(shared.map(({ sequence }) => sequence)).toEqual(range(shared.length));
  for (const id of load.ids('accepted')) {
    const turn = await store.turns.get(id);
    const data = events.filter(({ key }) => key === id).map((event) => event.data);
    const { entries } = await store.turnLogs.read(id, -1, 10);
    const isEnded = turn?.ended === true;
    if (ended.has(id)) expect(isEnded).toBe(true);
    expect(data).toEqual(isEnded ? ['accepted', 'ended'] : ['accepted']);
    expect(shared.filter((event) => event.data === id)).toHaveLength(data.length);
    expect(entries.map(({ sequence }) => sequence)).toEqual(range(entries.length));
    expect(entries.length).toBeGreaterThanOrEqual(isEnded ? 5 : 1);
  }
  for (const id of load.ids('appended'))
    expect((await store.turnLogs.read(id, -1, 10)).entries.length).toBeGreaterThanOrEqual(3);
}
