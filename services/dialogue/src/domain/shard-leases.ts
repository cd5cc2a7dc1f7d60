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

/** The outbox shards this instance relays. */
export class ShardLeases {
  readonly #leases: LeaseStore;
  readonly #settings: LeaseSettings;
  #held: ReadonlyMap<number, Fence> = new Map();
  #heldUntilMs = 0;

  constructor(leases: LeaseStore, settings: LeaseSettings) {
    this.#leases = leases;
    this.#settings = settings;
  }

  /** Keeps what is held and takes what is free; to be called well within the leases' time. */
  async renew(): Promise<void> {
    const { owner, ttlMs, clock } = this.#settings;
    const askedAtMs = clock.now();
    const fences = await this.#leases.acquire(shards.map(outboxLeaseName), owner, ttlMs);
    const held = new Map<number, Fence>();
    for (const shard of shards) {
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
    await this.#leases.release(shards.map(outboxLeaseName), this.#settings.owner);
  }
}
