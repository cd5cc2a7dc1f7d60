import { describe, expect, test } from 'vitest';
import { aFence, aNewTurn, anEntry, anOutboxEvent } from '../builders.ts';
import { pendingOf, twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** Accepting turns and taking them over. */
export function turnStartContract(open: OpenStateStore): void {
  describe('accepting a turn', () => {
    test('makes it readable, with its fence, its log and its events', async () => {
      await using fixture = await open();
      const [store, reader] = await twoClients(fixture);
      const turn = aNewTurn({ owner: 'dialogue-7', document: '{"text":"déjà vu 🎈"}', stored: false });
      const event = anOutboxEvent({
        key: turn.id,
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
      const fence = await store.turns.accept(turn, [anEntry(0)], [event]);
      const kept = await reader.turns.get(turn.id);
      expect(kept).toEqual({ ...turn, ended: false, fence, endedAtMs: undefined });
      expect((await reader.turnLogs.read(turn.id, -1, 10)).entries).toEqual([anEntry(0)]);
      expect(await pendingOf(reader)).toMatchObject([{ ...event, sequence: 0 }]);
    });

    test('is refused when the id exists, and leaves the first turn and the outbox as they were', async () => {
      await using fixture = await open();
      const { store } = fixture;
      const turn = aNewTurn();
      await store.turns.accept(turn, [anEntry(0)], [anOutboxEvent({ key: turn.id })]);
      const before = await store.turns.get(turn.id);
      const again = store.turns.accept(
        { ...turn, owner: 'other', document: '{}' },
        [anEntry(1)],
        [anOutboxEvent({ key: turn.id })],
      );
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.turns.get(turn.id)).toEqual(before);
      expect((await store.turnLogs.read(turn.id, -1, 10)).entries).toEqual([anEntry(0)]);
      expect(await pendingOf(store)).toHaveLength(1);
    });

    test('happens once when many try the same id at the same time', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      const turn = aNewTurn();
      const attempts = Array.from({ length: 20 }, (_, i) =>
        clients[i % 2 === 0 ? 0 : 1].turns.accept(turn, [anEntry(0)], [anOutboxEvent({ key: turn.id })]),
      );
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await pendingOf(fixture.store)).toHaveLength(1);
    });

    test('gives no turn for an id that nobody accepted', async () => {
      await using fixture = await open();
      expect(await fixture.store.turns.get('resp_none')).toBeUndefined();
    });
  });

  describe('taking over a turn', () => {
    test('gives a greater fence of the same epoch and names the new owner', async () => {
      await using fixture = await open();
      const [store, other] = await twoClients(fixture);
      const turn = aNewTurn();
      const first = await store.turns.accept(turn, [], []);
      const second = await other.turns.takeOver(turn.id, first, 'dialogue-2');
      expect(second?.epoch).toBe(first.epoch);
      expect(second?.counter).toBeGreaterThan(first.counter);
      expect(await store.turns.get(turn.id)).toMatchObject({
        owner: 'dialogue-2',
        fence: second,
        ended: false,
      });
    });

    test('succeeds for one of many that try at the same time', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      const turn = aNewTurn();
      const fence = await fixture.store.turns.accept(turn, [], []);
      const attempts = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          clients[i % 2 === 0 ? 0 : 1].turns.takeOver(turn.id, fence, `owner-${i}`),
        ),
      );
      expect(attempts.filter((won) => won !== undefined)).toHaveLength(1);
    });

    test('is not possible with another fence, another epoch, or for a turn that is not there', async () => {
      await using fixture = await open();
      const { turns } = fixture.store;
      const turn = aNewTurn();
      const fence = await turns.accept(turn, [], []);
      expect(await turns.takeOver(turn.id, { ...fence, counter: fence.counter + 1 }, 'x')).toBeUndefined();
      expect(await turns.takeOver(turn.id, aFence({ counter: fence.counter }), 'x')).toBeUndefined();
      expect(await turns.takeOver('resp_none', fence, 'x')).toBeUndefined();
      expect(await turns.get(turn.id)).toMatchObject({ owner: turn.owner, fence });
    });
  });
}
