import type { Fence, LeaseStore } from '../ports.ts';
import { fenceOf } from './fence-text.ts';
import type { KeySpace, SlotKeys } from './key-space.ts';
import { RedisClient } from './redis-client.ts';
import { textsOf } from './reply.ts';

/** Leases as hashes that Redis itself forgets an hour after their expiry. */
export class RedisLeaseStore implements LeaseStore {
  readonly #client: RedisClient;
  readonly #keys: KeySpace;

  constructor(client: RedisClient, keys: KeySpace) {
    this.#client = client;
    this.#keys = keys;
  }

  async acquire(names: readonly string[], owner: string, ttlMs: number): Promise<Map<string, Fence>> {
    const groups = this.#bySlot(names);
    const args = [RedisClient.stamp(), owner, ttlMs];
    const calls = groups.map(({ keys, leases }) => ({ keys: [keys.fence, ...leases], args }));
    const fences = (await this.#client.writeEach('acquire', calls)).map(textsOf);
    const taken = new Map(
      groups.flatMap((group, at) =>
        group.names.map((name, index) => [name, fences[at]?.[index] ?? ''] as const),
      ),
    );
    return new Map(
      names.flatMap((name) => {
        const fence = taken.get(name) ?? '';
        return fence === '' ? [] : [[name, fenceOf(fence)] as const];
      }),
    );
  }

  async release(names: readonly string[], owner: string): Promise<void> {
    const calls = this.#bySlot(names).map(({ leases }) => ({ keys: leases, args: [owner] }));
    await this.#client.writeEach('release_leases', calls);
  }

  #bySlot(names: readonly string[]): { keys: SlotKeys; names: string[]; leases: string[] }[] {
    const groups = Map.groupBy(new Set(names), (name) => this.#keys.ofLease(name));
    return [...groups].map(([keys, own]) => ({
      keys,
      names: own,
      leases: own.map((name) => keys.lease(name)),
    }));
  }
}
