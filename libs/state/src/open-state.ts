import { openRedisState } from './open-redis-state.ts';
import { openSqliteState } from './open-sqlite-state.ts';
import type { StateStore } from './ports.ts';
import type { Durability } from './redis/durability.ts';
import type { RedisStateOptions } from './redis/redis-options.ts';

/** Where a fleet's state is. */
export interface StateChoice {
  /** The Redis of the fleet; undefined = the embedded store. */
  readonly redis: RedisStateOptions | undefined;
  /** The file of the embedded store. */
  readonly file: string;
}

/** A state store, and how durable it is. */
export interface OpenState extends StateStore {
  readonly durability: Durability;
}

/**
 * Opens the state store that a fleet is configured for: Redis where one is named, else the file.
 * @throws ParleyError as `openRedisState` and `openSqliteState` do.
 */
export async function openState({ redis, file }: StateChoice): Promise<OpenState> {
  if (redis !== undefined) return openRedisState(redis);
  return { ...openSqliteState(file), durability: { confirmed: true, reasons: [] } };
}
