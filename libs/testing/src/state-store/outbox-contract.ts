import { describe, expect, test } from 'vitest';
import { newPublicId, newUuid } from '@parley/kernel';
import { outboxLeaseName } from '@parley/state/ports';
import type { Fence, OutboxEvent, PendingEvent, StateStore } from '@parley/state/ports';
import { aFence, aNewTurn, anOutboxEvent } from '../builders.ts';
import { eventually } from '../eventually.ts';
import { allShards, pendingOf, shardOfKey, twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

const longMs = 600_000;

/** Committed events: their order, their numbers and their removal. */
export function outboxContract(open: OpenStateStore): void {
  describe('the outbox', () => {
    test('gives the events of a shard in order of commit, numbered within their key from 0', async () => {
      await using fixture = await open();
      const [store, relay] = await twoClients(fixture);
      const [first, second] = [newPublicId('conv', 7), newPublicId('conv', 7)];
      const keys = [first, second, first, first, second];
      for (const key of keys) await committed(store, [anOutboxEvent({ key })]);
      const pending = await relay.outbox.pending([7], 10);
      expect(pending.map(({ key }) => key)).toEqual(keys);
      expect(pending.map(({ sequence }) => sequence)).toEqual([0, 0, 1, 2, 1]);
      expect(isGrowing(pending.map(({ position }) => position))).toBe(true);
      expect(new Set(pending.map(({ shard }) => shard))).toEqual(new Set([7]));
    });

    test('puts an event into the shard its key carries, else the one its hash gives', async () => {
      await using fixture = await open();
      const keys = [newPublicId('conv', 12), newPublicId('resp', 63), 'parley-tiny', newUuid()];
      for (const key of keys) await committed(fixture.store, [anOutboxEvent({ key })]);
      const shardByKey = new Map((await pendingOf(fixture.store)).map(({ key, shard }) => [key, shard]));
      for (const key of keys) expect(shardByKey.get(key)).toBe(shardOfKey(key));
    });

    test('gives only the shards asked for, no more than the limit, and always the oldest of a shard', async () => {
      await using fixture = await open();
      const keys = [1, 2, 3].map((shard) => newPublicId('conv', shard));
      for (let round = 0; round < 3; round++) {
        for (const key of keys) await committed(fixture.store, [anOutboxEvent({ key })]);
      }
      const { outbox } = fixture.store;
      expect((await outbox.pending([1, 3], 10)).map(({ shard }) => shard).toSorted((a, b) => a - b)).toEqual([
        1, 1, 1, 3, 3, 3,
      ]);
      expect(await outbox.pending([], 10)).toEqual([]);
      const limited = await outbox.pending([1, 2], 3);
      expect(limited).toHaveLength(3);
      for (const shard of [1, 2]) {
        const sequences = limited.filter((event) => event.shard === shard).map(({ sequence }) => sequence);
        expect(sequences).toEqual(sequences.map((_, index) => index));
      }
    });

    test('numbers the events of a key without a gap or a repeat when many commit at once', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      const key = newPublicId('conv', 5);
      const commits = Array.from({ length: 60 }, (_, i) =>
        committed(
          clients[i % 2 === 0 ? 0 : 1],
          i % 3 === 0 ? [anOutboxEvent({ key }), anOutboxEvent({ key })] : [anOutboxEvent({ key })],
        ),
      );
      await Promise.all(commits);
      const sequences = (await fixture.store.outbox.pending([5], 1_000)).map(({ sequence }) => sequence);
      expect(sequences).toEqual(Array.from({ length: 80 }, (_, index) => index));
    });

    test('lets the holder of a shard lease remove events; the numbers go on after that', async () => {
      await using fixture = await open();
      const [store, relay] = await twoClients(fixture);
      const key = newPublicId('conv', 9);
      await committed(store, [anOutboxEvent({ key }), anOutboxEvent({ key })]);
      const fences = await leased(relay, 'relay', [9]);
      await relay.outbox.remove(await relay.outbox.pending([9], 1), fences);
      expect((await store.outbox.pending([9], 10)).map(({ sequence }) => sequence)).toEqual([1]);
      await relay.outbox.remove(await relay.outbox.pending([9], 10), fences);
      await committed(store, [anOutboxEvent({ key })]);
      expect((await store.outbox.pending([9], 10)).map(({ sequence }) => sequence)).toEqual([2]);
    });

    test('removes nothing without a lease, with one of another epoch, or with one that another has by now', async () => {
      await using fixture = await open();
      const { store } = fixture;
      await committed(store, [anOutboxEvent({ key: newPublicId('conv', 9) })]);
      const events = await pendingOf(store);
      await expectRemovesNothing(store, events, new Map());
      const stale = await leased(store, 'first relay', [9], 50);
      const current = await eventually(() => leased(store, 'second relay', [9]));
      await expectRemovesNothing(store, events, stale);
      await expectRemovesNothing(
        store,
        events,
        new Map([[9, aFence({ counter: current.get(9)?.counter ?? 0 })]]),
      );
      await store.outbox.remove(events, current);
      expect(await pendingOf(store)).toEqual([]);
    });

    test('removes the events of valid leases and keeps those of stale ones in the same call', async () => {
      await using fixture = await open();
      const { store } = fixture;
      for (const shard of [1, 2])
        await committed(store, [anOutboxEvent({ key: newPublicId('conv', shard) })]);
      const fences = await leased(store, 'relay', [1]);
      await store.outbox.remove(await pendingOf(store), new Map([...fences, [2, aFence()]]));
      expect((await pendingOf(store)).map(({ shard }) => shard)).toEqual([2]);
    });

    test('counts its events, their bytes and the age of the oldest', async () => {
      await using fixture = await open();
      const { store } = fixture;
      expect(await store.outbox.stats()).toEqual({ count: 0, bytes: 0, oldestMs: 0 });
      await committed(store, [anOutboxEvent({ data: 'x'.repeat(10_000) }), anOutboxEvent()]);
      const stats = await eventually(async () => {
        const now = await store.outbox.stats();
        expect(now.oldestMs).toBeGreaterThanOrEqual(20);
        return now;
      });
      expect(stats.count).toBe(2);
      expect(stats.bytes).toBeGreaterThanOrEqual(10_000);
      await store.outbox.remove(await pendingOf(store), await leased(store, 'relay', allShards));
      expect(await store.outbox.stats()).toEqual({ count: 0, bytes: 0, oldestMs: 0 });
    });
  });
}

async function committed(store: StateStore, events: readonly OutboxEvent[]): Promise<void> {
  await store.turns.accept(aNewTurn(), [], events);
}

async function leased(
  store: StateStore,
  owner: string,
  shards: readonly number[],
  ttlMs = longMs,
): Promise<Map<number, Fence>> {
  const fences = await store.leases.acquire(shards.map(outboxLeaseName), owner, ttlMs);
  return new Map(
    shards.map((shard) => {
      const fence = fences.get(outboxLeaseName(shard));
      if (fence === undefined) throw new Error(`${owner} did not get shard ${shard}`);
      return [shard, fence];
    }),
  );
}

async function expectRemovesNothing(
  store: StateStore,
  events: readonly PendingEvent[],
  fences: ReadonlyMap<number, Fence>,
): Promise<void> {
  await store.outbox.remove(events, fences);
  expect(await pendingOf(store)).toEqual(events);
}

function isGrowing(numbers: readonly number[]): boolean {
  return numbers.every((value, index) => index === 0 || value > (numbers[index - 1] ?? value));
}
