import { describe, expect, test } from 'vitest';
import type { Fence, NewTurn, StateStore } from '@parley/state/ports';
import { aFence, aNewTurn, anEnd, anEntry, anOutboxEvent, entries } from '../builders.ts';
import { pendingOf, twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** Ending turns by a fenced commit, and deleting them. */
export function turnEndContract(open: OpenStateStore): void {
  describe('committing a turn', () => {
    test('ends it with its document, its last entries and its events', async () => {
      await using fixture = await open();
      const [store, reader] = await twoClients(fixture);
      const { turn, fence } = await accepted(store);
      const event = anOutboxEvent({ key: turn.id, data: '{"outcome":"completed"}' });
      await store.turns.commit(
        turn.id,
        fence,
        anEnd({ endedAtMs: 42, entries: [anEntry(1)], events: [event] }),
      );
      const ended = { ended: true, endedAtMs: 42, document: anEnd().document, fence };
      expect(await reader.turns.get(turn.id)).toMatchObject(ended);
      expect(await reader.turnLogs.read(turn.id, -1, 10)).toEqual({ entries: entries(0, 1), ended: true });
      expect((await pendingOf(reader)).map(({ id }) => id)).toContain(event.id);
    });

    test('is refused the second time', async () => {
      await using fixture = await open();
      const { turns } = fixture.store;
      const { turn, fence } = await accepted(fixture.store);
      await turns.commit(turn.id, fence, anEnd());
      await expectRefused(fixture.store, turn, fence);
      expect(await turns.takeOver(turn.id, fence, 'x')).toBeUndefined();
    });

    test('is refused to an owner that has been replaced, and allowed to the one that replaced it', async () => {
      await using fixture = await open();
      const [store, other] = await twoClients(fixture);
      const { turn, fence } = await accepted(store);
      const newer = await other.turns.takeOver(turn.id, fence, 'dialogue-2');
      await expectRefused(store, turn, fence);
      await other.turns.commit(
        turn.id,
        newer ?? aFence(),
        anEnd({ events: [anOutboxEvent({ key: turn.id })] }),
      );
      const sequences = (await pendingOf(store)).map(({ sequence }) => sequence);
      expect(sequences, 'the refused commit took no sequence number').toEqual([0, 1]);
    });

    test('is refused with a fence of another epoch', async () => {
      await using fixture = await open();
      const { turn, fence } = await accepted(fixture.store);
      await expectRefused(fixture.store, turn, aFence({ counter: fence.counter }));
    });

    test('is refused for a turn that is not there', async () => {
      await using fixture = await open();
      const { fence } = await accepted(fixture.store);
      const commit = fixture.store.turns.commit('resp_none', fence, anEnd({ events: [anOutboxEvent()] }));
      await expect(commit).rejects.toMatchObject({ code: 'stale_fence' });
      expect(await pendingOf(fixture.store)).toHaveLength(1);
    });

    test('happens once when owner and successor race for it', async () => {
      await using fixture = await open();
      const [store, other] = await twoClients(fixture);
      for (let round = 0; round < 10; round++) {
        const { turn, fence } = await accepted(store);
        const end = (who: string) =>
          anEnd({ document: who, events: [anOutboxEvent({ key: turn.id, data: who })] });
        const owner = store.turns.commit(turn.id, fence, end('owner')).then(() => 'owner');
        const successor = takeOverAndCommit(other, turn, fence, end('successor'));
        const winners = (await Promise.allSettled([owner, successor])).flatMap((outcome) =>
          outcome.status === 'fulfilled' ? [outcome.value] : [],
        );
        expect(winners).toHaveLength(1);
        expect((await store.turns.get(turn.id))?.document).toBe(winners[0]);
        const terminal = (await pendingOf(store)).filter(
          ({ key, sequence }) => key === turn.id && sequence > 0,
        );
        expect(terminal.map(({ data }) => data)).toEqual(winners);
      }
    });
  });

  describe('deleting a turn', () => {
    test('forgets an ended turn and its log', async () => {
      await using fixture = await open();
      const [store, reader] = await twoClients(fixture);
      const { turn, fence } = await accepted(store);
      await store.turns.commit(turn.id, fence, anEnd({ entries: [anEntry(1)] }));
      expect(await store.turns.delete(turn.id, [])).toBe(true);
      expect(await reader.turns.get(turn.id)).toBeUndefined();
      expect((await reader.turnLogs.read(turn.id, -1, 10)).entries).toEqual([]);
      expect(await store.turns.delete(turn.id, [])).toBe(false);
      expect(await pendingOf(store), 'its events are still published').toHaveLength(1);
    });

    test('leaves a running turn, an unstored turn and one that is not there alone', async () => {
      await using fixture = await open();
      const { turns } = fixture.store;
      const running = await accepted(fixture.store);
      const unstored = await accepted(fixture.store, aNewTurn({ stored: false }));
      await turns.commit(unstored.turn.id, unstored.fence, anEnd());
      expect(await turns.delete(running.turn.id, [])).toBe(false);
      expect(await turns.delete(unstored.turn.id, [])).toBe(false);
      expect(await turns.delete('resp_none', [])).toBe(false);
      expect(await turns.get(running.turn.id)).toMatchObject({ ended: false });
      expect(await turns.get(unstored.turn.id)).toMatchObject({ ended: true });
    });
  });
}

interface Accepted {
  readonly turn: NewTurn;
  readonly fence: Fence;
}

async function accepted(store: StateStore, turn = aNewTurn()): Promise<Accepted> {
  const fence = await store.turns.accept(turn, [anEntry(0)], [anOutboxEvent({ key: turn.id })]);
  return { turn, fence };
}

async function takeOverAndCommit(
  store: StateStore,
  turn: NewTurn,
  fence: Fence,
  end: ReturnType<typeof anEnd>,
): Promise<string> {
  const newer = await store.turns.takeOver(turn.id, fence, 'dialogue-2');
  if (newer === undefined) throw new Error('somebody else was first');
  await store.turns.commit(turn.id, newer, end);
  return 'successor';
}

/** A commit, and an append, with that fence are refused and leave nothing. */
async function expectRefused(store: StateStore, turn: NewTurn, fence: Fence): Promise<void> {
  const state = async () => [
    await store.turns.get(turn.id),
    await store.turnLogs.read(turn.id, -1, 100),
    await pendingOf(store),
    (await store.outbox.stats()).count,
  ];
  const before = await state();
  const end = anEnd({
    document: 'refused',
    entries: [anEntry(50)],
    events: [anOutboxEvent({ key: turn.id })],
  });
  await expect(store.turns.commit(turn.id, fence, end)).rejects.toMatchObject({ code: 'stale_fence' });
  await expect(store.turnLogs.append(turn.id, fence, [anEntry(51)])).rejects.toMatchObject({
    code: 'stale_fence',
  });
  expect(await state()).toEqual(before);
}
