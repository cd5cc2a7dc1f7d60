import { describe, expect, test } from 'vitest';
import type { NewTurn, StateStore } from '@parley/state/ports';
import { aNewTurn, anEnd } from '../builders.ts';
import { eventually } from '../eventually.ts';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** Long enough never to end within a test. */
const longMs = 600_000;

/** Who is alive, and whose turns are orphans. */
export function ownerContract(open: OpenStateStore): void {
  test('whoever renews is told who lives', async () => {
    await using fixture = await open();
    const [store, other] = await twoClients(fixture);
    expect(await store.owners.renew('b', longMs)).toEqual(['b']);
    expect(await other.owners.renew('a', 1_000)).toEqual(['a', 'b']);
    await eventually(async () => {
      expect(await store.owners.renew('b', longMs)).toEqual(['b']);
    });
    await store.owners.release('b');
    expect(await other.owners.renew('c', longMs)).toEqual(['c']);
  });

  describe('orphans', () => {
    test('are the running turns of an owner whose time is over', async () => {
      await using fixture = await open();
      const [store, sweeper] = await twoClients(fixture);
      await store.owners.renew('mortal', 1_000);
      await store.owners.renew('living', longMs);
      const turn = await acceptedBy(store, 'mortal');
      await acceptedBy(store, 'living');
      expect(await sweeper.owners.orphans(10)).toEqual([]);
      const orphans = await eventually(async () => {
        const found = await sweeper.owners.orphans(10);
        expect(found).toHaveLength(1);
        return found;
      });
      expect(orphans[0]).toEqual(await store.turns.get(turn.id));
    });

    test('are there at once when their owner says that it goes', async () => {
      await using fixture = await open();
      const [store, sweeper] = await twoClients(fixture);
      await store.owners.renew('leaving', longMs);
      const turn = await acceptedBy(store, 'leaving');
      expect(await sweeper.owners.orphans(10)).toEqual([]);
      await store.owners.release('leaving');
      expect(ids(await sweeper.owners.orphans(10))).toEqual([turn.id]);
    });

    test('are the turns of an owner that never said it lives', async () => {
      await using fixture = await open();
      const turn = await acceptedBy(fixture.store, 'unknown');
      expect(ids(await fixture.store.owners.orphans(10))).toEqual([turn.id]);
    });

    test('are none any more after their owner came back', async () => {
      await using fixture = await open();
      const { owners } = fixture.store;
      await acceptedBy(fixture.store, 'back');
      await owners.renew('back', longMs);
      expect(await owners.orphans(10)).toEqual([]);
    });

    test('come oldest first, up to a limit', async () => {
      await using fixture = await open();
      const times = [300, 100, 200];
      const turns = await Promise.all(
        times.map((createdAtMs) => acceptedBy(fixture.store, 'gone', { createdAtMs })),
      );
      const found = await fixture.store.owners.orphans(2);
      expect(ids(found)).toEqual([turns[1]?.id, turns[2]?.id]);
    });

    test('are no longer orphans once ended or taken over by a living owner', async () => {
      await using fixture = await open();
      const { turns, owners } = fixture.store;
      await owners.renew('living', longMs);
      const ended = await acceptedBy(fixture.store, 'gone');
      const saved = await acceptedBy(fixture.store, 'gone');
      const [first, second] = await Promise.all([turns.get(ended.id), turns.get(saved.id)]);
      if (first === undefined || second === undefined) throw new Error('accepted turns are there');
      await turns.commit(ended.id, first.fence, anEnd());
      await turns.takeOver(saved.id, second.fence, 'living');
      expect(await owners.orphans(10)).toEqual([]);
    });
  });

  runningContract(open);
}

/** Which turns the store counts as an owner's. */
function runningContract(open: OpenStateStore): void {
  test('an owner is told which of its turns have not ended, but for the newest', async () => {
    await using fixture = await open();
    const { turns, owners } = fixture.store;
    const old = await acceptedBy(fixture.store, 'mine', { createdAtMs: 100 });
    const older = await acceptedBy(fixture.store, 'mine', { createdAtMs: 99 });
    const ended = await acceptedBy(fixture.store, 'mine', { createdAtMs: 98 });
    const taken = await acceptedBy(fixture.store, 'yours', { createdAtMs: 97 });
    await acceptedBy(fixture.store, 'mine', { createdAtMs: 101 });
    await acceptedBy(fixture.store, 'yours', { createdAtMs: 96 });
    const rows = await Promise.all([ended, taken].map(({ id }) => turns.get(id)));
    const [first, second] = rows;
    if (first === undefined || second === undefined) throw new Error('accepted turns are there');
    await turns.commit(ended.id, first.fence, anEnd());
    await turns.takeOver(taken.id, second.fence, 'mine');
    const found = await owners.running('mine', 101);
    expect(found.sort()).toEqual([old.id, older.id, taken.id].sort());
    expect(await owners.running('nobody', 101)).toEqual([]);
  });
}

async function acceptedBy(store: StateStore, owner: string, turn: Partial<NewTurn> = {}): Promise<NewTurn> {
  const accepted = aNewTurn({ ...turn, owner });
  await store.turns.accept(accepted, [], []);
  return accepted;
}

function ids(turns: readonly { readonly id: string }[]): string[] {
  return turns.map(({ id }) => id);
}
