import { shardCount } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { outboxLeaseName } from '@parley/state/ports';
import type { Fence, LeaseStore } from '@parley/state/ports';

const shards = Array.from({ length: shardCount }, (_, shard) => shard);

/** How the leases of one instance are held. */
export interface LeaseSettings {
  readonly owner: string;
  readonly ttlMs: number;
  readonly clock: Clock;
}

/**
 * The outbox shards this instance relays: its even share among the instances that live. A shard that has become
 * another's is no longer relayed from one renewal on and given up with the next, so that what was being published
 * then is done.
 */
export class ShardLeases {
  readonly #leases: LeaseStore;
  readonly #settings: LeaseSettings;
  readonly #living: () => readonly string[];
  #held: ReadonlyMap<number, Fence> = new Map();
  #leaving: readonly number[] = [];
  #heldUntilMs = 0;

  /** @param living all instances that live, sorted the same way everywhere */
  constructor(leases: LeaseStore, settings: LeaseSettings, living: () => readonly string[]) {
    this.#leases = leases;
    this.#settings = settings;
    this.#living = living;
  }

  /** Keeps and takes what is this instance's share; to be called well within the leases' time. */
  async renew(): Promise<void> {
    const { owner, ttlMs, clock } = this.#settings;
    const askedAtMs = clock.now();
    const share = this.#share();
    await this.#giveUp(this.#leaving.filter((shard) => !share.includes(shard)));
    this.#leaving = [...this.#held.keys()].filter((shard) => !share.includes(shard));
    const wanted = [...share, ...this.#leaving];
    const fences = await this.#leases.acquire(wanted.map(outboxLeaseName), owner, ttlMs);
    const held = new Map<number, Fence>();
    for (const shard of share) {
      const fence = fences.get(outboxLeaseName(shard));
      if (fence !== undefined) held.set(shard, fence);
    }
    this.#held = held;
    // Counted from before the call: the store's clock started no earlier.
    this.#heldUntilMs = askedAtMs + ttlMs;
  }

  /** Shards and their fences; empty when the last renewal is too long ago to be sure. */
  held(): ReadonlyMap<number, Fence> {
    return this.#settings.clock.now() < this.#heldUntilMs ? this.#held : new Map();
  }

  /** A shard for a new turn, one that is relayed here where there is one: its events then wait for nobody else. */
  pick(): number {
    const held = [...this.held().keys()];
    const among = held.length > 0 ? held : shards;
    return among[Math.floor(Math.random() * among.length)] ?? 0;
  }

  async release(): Promise<void> {
    this.#heldUntilMs = 0;
    await this.#giveUp(shards);
  }

  /** Every n-th shard, for the place of this instance among the n that live. */
  #share(): readonly number[] {
    const living = this.#living();
    const place = living.indexOf(this.#settings.owner);
    return place < 0 ? shards : shards.filter((shard) => shard % living.length === place);
  }

  async #giveUp(names: readonly number[]): Promise<void> {
    if (names.length > 0) await this.#leases.release(names.map(outboxLeaseName), this.#settings.owner);
  }
}
