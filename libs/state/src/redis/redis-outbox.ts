import { outboxLeaseName } from '../ports.ts';
import type { Fence, Outbox, OutboxStats, PendingEvent } from '../ports.ts';
import { dataBytesOf, pendingEventOf } from './event-arguments.ts';
import { fenceText } from './fence-text.ts';
import type { KeySpace } from './key-space.ts';
import type { OutboxTransfers } from './outbox-transfers.ts';
import type { RedisClient } from './redis-client.ts';
import { integerOf, integersOf, listOf, streamEntriesOf } from './reply.ts';

/** The least that is asked of a shard at once. */
const smallestShare = 8;

/** Committed events as streams, one per slot; a position grows within its slot. */
export class RedisOutbox implements Outbox {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;
  readonly #transfers: OutboxTransfers;

  constructor(client: RedisClient, keys: KeySpace, transfers: OutboxTransfers) {
    this.#client = client;
    this.#keys = keys;
    this.#transfers = transfers;
  }

  /**
   * Asks all shards at once for an even share of `limit`, then those that have more for what is left of it. So one round
   * is enough where little waits, and much waiting does not bring `limit` events of each shard over.
   */
  async pending(shards: readonly number[], limit: number): Promise<PendingEvent[]> {
    const found = new Map<number, PendingEvent[]>(shards.map((shard) => [shard, []]));
    let open = [...found.keys()];
    let room = limit;
    while (open.length > 0 && room > 0) {
      const share = Math.min(room, Math.max(smallestShare, Math.ceil(room / open.length)));
      const more = await this.#next(open, found, share);
      for (const [shard, events] of more) found.set(shard, [...(found.get(shard) ?? []), ...events]);
      room -= [...more.values()].reduce((sum, { length }) => sum + length, 0);
      open = open.filter((shard) => more.get(shard)?.length === share);
    }
    return inTurn([...found.values()]).slice(0, limit);
  }

  async remove(events: readonly PendingEvent[], fences: ReadonlyMap<number, Fence>): Promise<void> {
    const byShard = Map.groupBy(events, ({ shard }) => shard);
    const removals = [...byShard].flatMap(([shard, own]) => {
      const fence = fences.get(shard);
      if (fence === undefined) return [];
      const keys = this.#keys.at(shard);
      const args = own.flatMap(({ position, data }) => [position, dataBytesOf(data)]);
      const used = [keys.outbox, keys.totals, keys.lease(outboxLeaseName(shard))];
      return [{ keys: used, args: [fenceText(fence), ...args] }];
    });
    await this.#client.writeEach('remove', removals);
  }

  async stats(): Promise<OutboxStats> {
    const calls = this.#keys.slots.map((slot) => ({
      keys: [slot.totals, slot.outbox, slot.transfers],
      args: [],
    }));
    const all = (await this.#client.readEach('outbox_stats', calls)).map(integersOf);
    return all.reduce<OutboxStats>(
      (sum, [count = 0, bytes = 0, oldestMs = 0]) => ({
        count: sum.count + count,
        bytes: sum.bytes + bytes,
        oldestMs: Math.max(sum.oldestMs, oldestMs),
      }),
      { count: 0, bytes: 0, oldestMs: 0 },
    );
  }

  /** The events of shards that come after those found. */
  async #next(
    shards: readonly number[],
    found: ReadonlyMap<number, readonly PendingEvent[]>,
    most: number,
  ): Promise<Map<number, PendingEvent[]>> {
    const calls = shards.map((shard) => {
      const { outbox, transfers } = this.#keys.at(shard);
      return { keys: [outbox, transfers], args: [found.get(shard)?.at(-1)?.position ?? 0, most] };
    });
    const replies = (await this.#client.readEach('pending', calls)).map(listOf);
    for (const [at, shard] of shards.entries())
      if (integerOf(replies[at]?.[0]) > 0) await this.#transfers.deliver(shard);
    return new Map(
      shards.map((shard, at) => [
        shard,
        streamEntriesOf(replies[at]?.[1]).map((entry) => pendingEventOf(shard, entry)),
      ]),
    );
  }
}

/** The first of each list, then the second of each, and so on: no shard waits for all of another. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}
