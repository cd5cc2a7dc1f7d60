export { openRedisState } from './open-redis-state.ts';
export type { RedisState } from './open-redis-state.ts';
export type { Durability } from './redis/durability.ts';
export type { RedisAddress, RedisLocation, RedisStateOptions } from './redis/redis-options.ts';
export { openState } from './open-state.ts';
export type { OpenState, StateChoice } from './open-state.ts';
export { openSqliteState } from './open-sqlite-state.ts';
export type { SqliteStateOptions } from './open-sqlite-state.ts';
