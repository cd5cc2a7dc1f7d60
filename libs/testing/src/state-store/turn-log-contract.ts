import { describe, expect, test } from 'vitest';
import { aNewTurn, anEnd, anEntry, entries } from '../builders.ts';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** Writing and reading the log of a turn. */
export function turnLogContract(open: OpenStateStore): void {
  describe('the log of a turn', () => {
    test('gives entries in order, above a number, up to a limit', async () => {
      await using fixture = await open();
      const [store, reader] = await twoClients(fixture);
      const turn = aNewTurn();
      const fence = await store.turns.accept(turn, entries(0, 1), []);
      await store.turnLogs.append(turn.id, fence, entries(2, 11));
      await store.turnLogs.append(turn.id, fence, [anEntry(12)]);
      expect(await reader.turnLogs.read(turn.id, -1, 100)).toEqual({ entries: entries(0, 12), ended: false });
      expect(await reader.turnLogs.read(turn.id, 8, 3)).toEqual({ entries: entries(9, 11), ended: false });
      expect(await reader.turnLogs.read(turn.id, 12, 3)).toEqual({ entries: [], ended: false });
    });

    test('is ended only for a reader that has got its last entry', async () => {
      await using fixture = await open();
      const [store, reader] = await twoClients(fixture);
      const turn = aNewTurn();
      const fence = await store.turns.accept(turn, entries(0, 3), []);
      await store.turns.commit(turn.id, fence, anEnd({ entries: entries(4, 5) }));
      expect(await reader.turnLogs.read(turn.id, -1, 4)).toEqual({ entries: entries(0, 3), ended: false });
      expect(await reader.turnLogs.read(turn.id, 3, 2)).toEqual({ entries: entries(4, 5), ended: true });
      expect(await reader.turnLogs.read(turn.id, 5, 2)).toEqual({ entries: [], ended: true });
    });

    test('keeps bodies as they are, large ones and those of many scripts', async () => {
      await using fixture = await open();
      const turn = aNewTurn();
      const bodies = ['', '"\\\n\t\u0000', '你好，世界 🎈', 'x'.repeat(300_000)];
      await fixture.store.turns.accept(
        turn,
        bodies.map((body, sequence) => ({ sequence, body })),
        [],
      );
      const read = await fixture.store.turnLogs.read(turn.id, -1, 10);
      expect(read.entries.map(({ body }) => body)).toEqual(bodies);
    });

    test('keeps the order of appends that do not wait for each other', async () => {
      await using fixture = await open();
      const turn = aNewTurn();
      const fence = await fixture.store.turns.accept(turn, [], []);
      await Promise.all(
        entries(0, 49).map((entry) => fixture.store.turnLogs.append(turn.id, fence, [entry])),
      );
      expect((await fixture.store.turnLogs.read(turn.id, -1, 100)).entries).toEqual(entries(0, 49));
    });

    test('takes entries that it has, with more, and refuses others of their numbers', async () => {
      await using fixture = await open();
      const { turns, turnLogs } = fixture.store;
      const turn = aNewTurn();
      const fence = await turns.accept(turn, entries(0, 0), []);
      await turnLogs.append(turn.id, fence, entries(1, 3));
      await turnLogs.append(turn.id, fence, entries(1, 3));
      await turnLogs.append(turn.id, fence, entries(2, 5));
      const others = [
        [anEntry(5, 'another')],
        [anEntry(4), anEntry(5, 'another'), anEntry(6)],
        [...entries(4, 6), anEntry(6, 'another')],
      ];
      for (const other of others) {
        await expect(turnLogs.append(turn.id, fence, other)).rejects.toMatchObject({ code: 'conflict' });
      }
      expect((await turnLogs.read(turn.id, -1, 100)).entries).toEqual(entries(0, 5));
      await turns.commit(turn.id, fence, anEnd({ entries: entries(4, 7) }));
      expect(await turnLogs.read(turn.id, -1, 100)).toEqual({ entries: entries(0, 7), ended: true });
    });

    test('of one turn does not mix with that of another', async () => {
      await using fixture = await open();
      const turns = [aNewTurn(), aNewTurn()];
      for (const turn of turns) await fixture.store.turns.accept(turn, [anEntry(0, turn.id)], []);
      for (const turn of turns) {
        expect((await fixture.store.turnLogs.read(turn.id, -1, 10)).entries).toEqual([anEntry(0, turn.id)]);
      }
    });
  });
}
