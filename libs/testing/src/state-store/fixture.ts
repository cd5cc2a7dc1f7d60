import { shardCount, shardOf, shardOfId } from '@parley/kernel';
import type { PendingEvent, StateStore } from '@parley/state/ports';

/** Bounds of the outbox that a test asks for. */
export interface OutboxBounds {
  readonly maxOutboxEvents?: number;
  readonly maxOutboxBytes?: number;
}

/** An open store on storage that was empty. Disposing closes it and everything `connect` gave. */
export interface StateStoreFixture extends AsyncDisposable {
  readonly store: StateStore;
  /** Another client of the same storage, as a second process has it; absent when the storage is private. */
  readonly connect?: () => Promise<StateStore>;
}

/** Opens a store on new, empty storage. */
export type OpenStateStore = (bounds?: OutboxBounds) => Promise<StateStoreFixture>;

/** Every shard of the outbox. */
export const allShards = Array.from({ length: shardCount }, (_, shard) => shard);

/** The shard an event of that key goes to. */
export function shardOfKey(key: string): number {
  return shardOfId(key) ?? shardOf(key);
}

/** All pending events, shard by shard. */
export function pendingOf(store: StateStore): Promise<PendingEvent[]> {
  return store.outbox.pending(allShards, 10_000);
}

/** Two clients of one storage; the same one twice when it is private. */
export async function twoClients(fixture: StateStoreFixture): Promise<[StateStore, StateStore]> {
  return [fixture.store, (await fixture.connect?.()) ?? fixture.store];
}
