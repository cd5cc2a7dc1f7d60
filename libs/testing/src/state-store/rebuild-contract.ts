import { newPublicId } from '@parley/kernel';
import type { RebuiltTurn } from '@parley/state/ports';
import { describe, expect, test } from 'vitest';
import { aNewTurn, anEntry, anOutboxEvent } from '../builders.ts';
import { pendingOf, twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

function aRebuiltTurn(turn: Partial<RebuiltTurn> = {}): RebuiltTurn {
  const createdAtMs = Date.now() - 5_000;
  return {
    id: newPublicId('resp'),
    tenant: 'acme',
    document: '{"text":"déjà vu 🎈"}',
    createdAtMs,
    endedAtMs: createdAtMs + 1_000,
    ...turn,
  };
}

/** Writing back what a store has lost. */
export function rebuildContract(open: OpenStateStore): void {
  describe('rebuilding a turn', () => {
    test('makes an ended, stored turn of it that has no log and publishes nothing', async () => {
      await using fixture = await open();
      const [store, reader] = await twoClients(fixture);
      const turn = aRebuiltTurn();
      expect(await store.rebuild.turn(turn)).toBe(true);
      expect(await reader.turns.get(turn.id)).toMatchObject({ ...turn, stored: true, ended: true });
      expect(await reader.turnLogs.read(turn.id, -1, 10)).toEqual({ entries: [], ended: true });
      expect(await pendingOf(reader)).toEqual([]);
    });

    test('leaves a turn that is there alone', async () => {
      await using fixture = await open();
      const { store } = fixture;
      const running = aNewTurn();
      await store.turns.accept(running, [anEntry(0)], []);
      const before = await store.turns.get(running.id);
      expect(await store.rebuild.turn(aRebuiltTurn({ id: running.id }))).toBe(false);
      expect(await store.turns.get(running.id)).toEqual(before);
      const turn = aRebuiltTurn();
      expect(await store.rebuild.turn(turn)).toBe(true);
      expect(await store.rebuild.turn({ ...turn, document: '{}' })).toBe(false);
      expect(await store.turns.get(turn.id)).toMatchObject({ document: turn.document });
    });

    test('gives a turn that nobody can write to, and that can be deleted and expires', async () => {
      await using fixture = await open();
      const { turns, turnLogs, rebuild, owners } = fixture.store;
      const [kept, expired] = [aRebuiltTurn(), aRebuiltTurn({ endedAtMs: 1_000 })];
      for (const turn of [kept, expired]) await rebuild.turn(turn);
      const row = await turns.get(kept.id);
      if (row === undefined) throw new Error('the turn is not there');
      const append = turnLogs.append(kept.id, row.fence, [anEntry(0)]);
      await expect(append).rejects.toMatchObject({ code: 'stale_fence' });
      expect(await turns.takeOver(kept.id, row.fence, 'dialogue-2')).toBeUndefined();
      expect(await owners.orphans(10)).toEqual([]);
      expect(await turnLogs.expireTurns('stored', 2_000, 10)).toBe(1);
      expect(await turns.get(expired.id)).toBeUndefined();
      const event = anOutboxEvent({ key: kept.id });
      expect(await turns.delete(kept.id, [event])).toBe(true);
      expect(await pendingOf(fixture.store)).toMatchObject([{ id: event.id }]);
      expect(await turns.delete(kept.id, [event])).toBe(false);
      expect(await pendingOf(fixture.store)).toHaveLength(1);
    });
  });

  describe('rebuilding a control value', () => {
    test('keeps its version, so that its next change has the next one', async () => {
      await using fixture = await open();
      const [store, reader] = await twoClients(fixture);
      const value = { key: 'alias/default', version: 7, value: 'a:b:7' };
      expect(await store.rebuild.control(value)).toBe(true);
      expect(await reader.control.get(value.key)).toEqual(value);
      expect(await reader.control.put(value.key, 'next', 7)).toMatchObject({ version: 8 });
    });

    test('never takes the place of the same version or a later one', async () => {
      await using fixture = await open();
      const { control, rebuild } = fixture.store;
      await control.put('a', 'one', 0);
      await control.put('a', 'two', 1);
      for (const version of [1, 2])
        expect(await rebuild.control({ key: 'a', version, value: 'old' })).toBe(false);
      expect(await control.get('a')).toEqual({ key: 'a', version: 2, value: 'two' });
      expect(await rebuild.control({ key: 'a', version: 3, value: 'three' })).toBe(true);
      expect(await control.get('a')).toEqual({ key: 'a', version: 3, value: 'three' });
    });
  });
}
