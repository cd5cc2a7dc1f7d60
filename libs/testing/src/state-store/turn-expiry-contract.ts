import { describe, expect, test } from 'vitest';
import type { NewTurn, StateStore } from '@parley/state/ports';
import { aNewTurn, anEnd, anEntry } from '../builders.ts';
import type { OpenStateStore } from './fixture.ts';

/** Forgetting what is over. */
export function turnExpiryContract(open: OpenStateStore): void {
  describe('expiry', () => {
    test('removes the logs of turns that ended before a time, and keeps the turns', async () => {
      await using fixture = await open();
      const { turns, turnLogs } = fixture.store;
      const old = await endedAt(fixture.store, 1_000);
      const recent = await endedAt(fixture.store, 2_000);
      const running = aNewTurn();
      await turns.accept(running, [anEntry(0)], []);
      expect(await turnLogs.expireLogs(2_000, 10)).toBe(1);
      expect(await turnLogs.read(old.id, -1, 10)).toEqual({ entries: [], ended: true });
      expect(await turns.get(old.id)).toMatchObject({ ended: true, document: anEnd().document });
      for (const { id } of [recent, running])
        expect((await turnLogs.read(id, -1, 10)).entries).toHaveLength(1);
      expect(await turnLogs.expireLogs(2_000, 10), 'a log goes once').toBe(0);
    });

    test('removes stored and unstored turns apart', async () => {
      await using fixture = await open();
      const { turns, turnLogs } = fixture.store;
      const stored = await endedAt(fixture.store, 1_000);
      const unstored = await endedAt(fixture.store, 1_000, { stored: false });
      expect(await turnLogs.expireTurns('unstored', 2_000, 10)).toBe(1);
      expect(await turns.get(unstored.id)).toBeUndefined();
      expect(await turns.get(stored.id)).toBeDefined();
      expect(await turnLogs.expireTurns('stored', 2_000, 10)).toBe(1);
      expect(await turns.get(stored.id)).toBeUndefined();
      expect((await turnLogs.read(stored.id, -1, 10)).entries).toEqual([]);
    });

    test('leaves running turns and those that ended later', async () => {
      await using fixture = await open();
      const { turns, turnLogs } = fixture.store;
      const recent = await endedAt(fixture.store, 2_000);
      const running = aNewTurn({ createdAtMs: 1 });
      await turns.accept(running, [], []);
      expect(await turnLogs.expireTurns('stored', 2_000, 10)).toBe(0);
      for (const { id } of [recent, running]) expect(await turns.get(id)).toBeDefined();
    });

    test('removes no more turns at once than it is asked to', async () => {
      await using fixture = await open();
      const { turnLogs } = fixture.store;
      for (let i = 0; i < 5; i++) await endedAt(fixture.store, 1_000 + i);
      expect(await turnLogs.expireLogs(9_000, 3)).toBe(3);
      expect(await turnLogs.expireLogs(9_000, 3)).toBe(2);
      expect(await turnLogs.expireTurns('stored', 9_000, 2)).toBe(2);
      expect(await turnLogs.expireTurns('stored', 9_000, 100)).toBe(3);
    });
  });
}

async function endedAt(store: StateStore, endedAtMs: number, turn: Partial<NewTurn> = {}): Promise<NewTurn> {
  const accepted = aNewTurn(turn);
  const fence = await store.turns.accept(accepted, [anEntry(0)], []);
  await store.turns.commit(accepted.id, fence, anEnd({ endedAtMs }));
  return accepted;
}
