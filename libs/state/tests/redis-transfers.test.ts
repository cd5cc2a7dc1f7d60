import { aNewTurn, anOutboxEvent, findServer, redisKind } from '@parley/testing';
import { newPublicId, newUuid } from '@parley/kernel';
import { describe, expect, test } from 'vitest';
import { openRedisState } from '../src/open-redis-state.ts';
import { redisConnection } from '../src/redis/connect-redis.ts';
import { eventArguments } from '../src/redis/event-arguments.ts';
import { KeySpace } from '../src/redis/key-space.ts';
import { RedisClient } from '../src/redis/redis-client.ts';

const redis = await findServer(redisKind);

describe.skipIf(redis.skip !== undefined)(redis.title('an event of another slot than its turn'), () => {
  test('comes to its slot once, though the process died that committed it, whoever looks first', async () => {
    await using server = await redis.start();
    const keyPrefix = `test-${newUuid()}`;
    const key = newPublicId('conv', 40);
    await using store = await openRedisState({ url: server.address, keyPrefix });
    for (const _ of [1, 2])
      await diesAfterCommit(server.address, keyPrefix, [key, key, newPublicId('conv', 41)]);
    expect((await store.outbox.stats()).count).toBe(6);
    await Promise.all(Array.from({ length: 5 }, () => store.outbox.pending([3], 10)));
    const found = await store.outbox.pending([40, 41], 10);
    expect(found.filter((event) => event.key === key).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(found).toHaveLength(6);
    expect((await store.outbox.stats()).count).toBe(6);
  });
});

/** The atomic step of \`accept\` for a turn in slot 3, and nothing after it. */
async function diesAfterCommit(url: string, keyPrefix: string, eventKeys: readonly string[]): Promise<void> {
  const client = new RedisClient(redisConnection({ url }), { commandTimeoutMs: 5_000 });
  const { id } = aNewTurn({ id: newPublicId('resp', 3) });
  const events = eventKeys.map((key) => anOutboxEvent({ key }));
  const turn = [id, RedisClient.stamp(), 'acme', 1, 'me', 1, '{}'];
  const keys = new KeySpace(keyPrefix).ofTurn(id);
  await client.write('accept', keys.turnKeys(id), [...turn, 0, ...eventArguments(events, 3)]);
  await client[Symbol.asyncDispose]();
}
