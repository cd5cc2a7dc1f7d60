import { Deadline, ParleyError, sleep } from '@parley/kernel';
import type { OutboxStats, StateStore } from './ports.ts';
import { redisConnection } from './redis/connect-redis.ts';
import type { RedisConnection } from './redis/connect-redis.ts';
import { askServers, planDurability } from './redis/durability.ts';
import type { Durability } from './redis/durability.ts';
import { KeySpace } from './redis/key-space.ts';
import { OutboxRoom } from './redis/outbox-room.ts';
import { OutboxTransfers } from './redis/outbox-transfers.ts';
import { RedisClient } from './redis/redis-client.ts';
import { RedisControlStore } from './redis/redis-control-store.ts';
import { isRefused, stateError } from './redis/redis-errors.ts';
import { RedisIdempotencyStore } from './redis/redis-idempotency-store.ts';
import { RedisJobRunStore } from './redis/redis-job-run-store.ts';
import { RedisJobStore } from './redis/redis-job-store.ts';
import { RedisLeaseStore } from './redis/redis-lease-store.ts';
import { RedisMemberStore } from './redis/redis-member-store.ts';
import type { RedisStateOptions } from './redis/redis-options.ts';
import { RedisOutbox } from './redis/redis-outbox.ts';
import { RedisOwnerStore } from './redis/redis-owner-store.ts';
import { RedisRebuildStore } from './redis/redis-rebuild-store.ts';
import { RedisSequenceStore } from './redis/redis-sequence-store.ts';
import { RedisTurnLogStore } from './redis/redis-turn-log-store.ts';
import { RedisTurnStore } from './redis/redis-turn-store.ts';

/** A state store on Redis, and how durable it is. */
export interface RedisState extends StateStore {
  /** As the servers were set when the store was opened. */
  readonly durability: Durability;
  /** Resolves when every primary answers. @throws ParleyError `unavailable`. */
  ping(): Promise<void>;
}

/** How often to look whether a connection was made. */
const lookAgainMs = 50;

/**
 * Opens the state store of a fleet on Redis 7.0 or later, Valkey included: one server, a primary behind Sentinels, or a
 * cluster. Puts its functions in place, also later when a server has lost them. A step whose connection breaks is sent
 * again and still happens once; when Redis stays away it fails with `unavailable` after about 1.5 s, 5 s at most, and
 * whether it happened is not known. Disposing finishes what was asked of it.
 * @throws ParleyError `config_invalid` for a server that is too old, an address or prefix that cannot be one, or a user
 * that is refused; `unavailable` with the reason when no server answers within `connectWithinMs`.
 */
export async function openRedisState(options: RedisStateOptions): Promise<RedisState> {
  const keys = new KeySpace(options.keyPrefix ?? 'parley');
  const redis = redisConnection(options);
  const commandTimeoutMs = options.commandTimeoutMs ?? 5_000;
  const opening = new RedisClient(redis, { commandTimeoutMs });
  try {
    await connected(redis, options.connectWithinMs ?? 10_000);
    const { waitForDisk, confirmed, reasons } = planDurability(await askServers(opening));
    await opening.load();
    const client = new RedisClient(redis, { commandTimeoutMs, waitForDisk });
    return { ...storesOn(client, keys, options), durability: { confirmed, reasons } };
  } catch (error) {
    redis.disconnect();
    throw isRefused(causeOf(error)) ? refusal(error) : stateError(error);
  }
}

function storesOn(
  client: RedisClient,
  keys: KeySpace,
  options: RedisStateOptions,
): Omit<RedisState, 'durability'> {
  const transfers = new OutboxTransfers(client, keys);
  const outbox = new RedisOutbox(client, keys, transfers);
  const room = new OutboxRoom((): Promise<OutboxStats> => outbox.stats(), {
    maxEvents: options.maxOutboxEvents ?? 100_000,
    maxBytes: options.maxOutboxBytes ?? 256 * 1024 * 1024,
  });
  return {
    turns: new RedisTurnStore(client, keys, room, transfers),
    turnLogs: new RedisTurnLogStore(client, keys),
    owners: new RedisOwnerStore(client, keys),
    leases: new RedisLeaseStore(client, keys),
    members: new RedisMemberStore(client, keys),
    outbox,
    sequences: new RedisSequenceStore(client, keys),
    control: new RedisControlStore(client, keys),
    rebuild: new RedisRebuildStore(client, keys),
    jobs: new RedisJobStore(client, keys),
    jobRuns: new RedisJobRunStore(client, keys),
    idempotency: new RedisIdempotencyStore(client, keys),
    ping: async () => void (await client.onPrimaries((node) => node.ping())),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/**
 * Waits for the first connection, which may need more than one try: a server or the network to it may just be
 * starting. ioredis goes on trying by itself, and tells why a try failed in events only.
 * @throws ParleyError `unavailable` with what the last try met; at once when the user is refused
 */
async function connected(redis: RedisConnection, withinMs: number): Promise<void> {
  const until = Deadline.in(withinMs);
  let last: unknown;
  // Without a listener ioredis prints what each command tells its caller anyway.
  redis.on('error', (error: unknown) => (last = error));
  try {
    return await redis.connect();
  } catch (error) {
    last ??= error;
  }
  while (redis.status !== 'ready') {
    if (until.passed || isRefused(last)) throw unreachable(last, withinMs);
    await sleep(Math.min(lookAgainMs, until.remainingMs()));
  }
}

function unreachable(error: unknown, withinMs: number): ParleyError {
  const { code, cause } = stateError(error);
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Redis cannot be reached within ${withinMs / 1000} s: ${reason.replace(/\.$/, '')}.`;
  return new ParleyError(code, message, { cause, retryAfterMs: 1_000 });
}

function causeOf(error: unknown): unknown {
  return error instanceof ParleyError ? (error.cause ?? error) : error;
}

function refusal(error: unknown): ParleyError {
  const message = 'Redis refuses the user of the state store: check its name, password and permissions.';
  return new ParleyError('config_invalid', message, { cause: causeOf(error) });
}
