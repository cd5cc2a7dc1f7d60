import { describe, expect, test } from 'vitest';
import { outboxLeaseName } from '@parley/state/ports';
import { aNewTurn, anEnd, anOutboxEvent } from '../builders.ts';
import { pendingOf, shardOfKey } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** What happens when nobody publishes. */
export function outboxBoundsContract(open: OpenStateStore): void {
  describe('a full outbox', () => {
    test('refuses new turns with events and leaves nothing of them', async () => {
      await using fixture = await open({ maxOutboxEvents: 2 });
      const { turns } = fixture.store;
      await turns.accept(aNewTurn(), [], [anOutboxEvent(), anOutboxEvent()]);
      const refused = aNewTurn();
      await expect(turns.accept(refused, [], [anOutboxEvent()])).rejects.toMatchObject({
        code: 'overloaded',
        retryable: true,
      });
      expect(await turns.get(refused.id)).toBeUndefined();
      expect(await pendingOf(fixture.store)).toHaveLength(2);
    });

    test('is full by bytes as well', async () => {
      await using fixture = await open({ maxOutboxBytes: 10_000 });
      const { turns } = fixture.store;
      await turns.accept(aNewTurn(), [], [anOutboxEvent({ data: 'x'.repeat(6_000) })]);
      const large = turns.accept(aNewTurn(), [], [anOutboxEvent({ data: 'x'.repeat(6_000) })]);
      await expect(large).rejects.toMatchObject({ code: 'overloaded' });
      await turns.accept(aNewTurn(), [], [anOutboxEvent({ data: 'x'.repeat(1_000) })]);
    });

    test('still takes turns without events, and the end of turns it has accepted', async () => {
      await using fixture = await open({ maxOutboxEvents: 1 });
      const { turns } = fixture.store;
      const turn = aNewTurn();
      const fence = await turns.accept(turn, [], [anOutboxEvent({ key: turn.id })]);
      await turns.accept(aNewTurn(), [], []);
      await turns.commit(turn.id, fence, anEnd({ events: [anOutboxEvent({ key: turn.id })] }));
      expect(await pendingOf(fixture.store)).toHaveLength(2);
    });

    test('takes turns again once events have been published', async () => {
      await using fixture = await open({ maxOutboxEvents: 1 });
      const { turns, leases, outbox } = fixture.store;
      const event = anOutboxEvent();
      await turns.accept(aNewTurn(), [], [event]);
      const shard = shardOfKey(event.key);
      const fence = (await leases.acquire([outboxLeaseName(shard)], 'relay', 60_000)).get(
        outboxLeaseName(shard),
      );
      if (fence === undefined) throw new Error('a free lease is given');
      await outbox.remove(await pendingOf(fixture.store), new Map([[shard, fence]]));
      await turns.accept(aNewTurn(), [], [anOutboxEvent()]);
    });
  });
}
