import { newUuid } from '@parley/kernel';
import { aNewTurn, findServer, redisKind } from '@parley/testing';
import { describe, expect, test } from 'vitest';
import { openState } from '../src/open-state.ts';

const redis = await findServer(redisKind);

test('the state of a fleet without Redis is in its file, which keeps what it acknowledged', async () => {
  await using state = await openState({ redis: undefined, file: ':memory:' });
  const turn = aNewTurn();
  await state.turns.accept(turn, [], []);
  expect(await state.turns.get(turn.id)).toMatchObject({ id: turn.id });
  expect(state.durability).toEqual({ confirmed: true, reasons: [] });
});

describe.skipIf(redis.skip !== undefined)(redis.title('the state of a fleet on Redis'), () => {
  test('is in Redis, whatever the file', async () => {
    await using server = await redis.start();
    const place = { url: server.address, keyPrefix: `test-${newUuid()}` };
    await using state = await openState({ redis: place, file: ':memory:' });
    await using other = await openState({ redis: place, file: ':memory:' });
    const turn = aNewTurn();
    await state.turns.accept(turn, [], []);
    expect(await other.turns.get(turn.id)).toMatchObject({ id: turn.id });
  });
});
