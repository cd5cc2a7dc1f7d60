import { join } from 'node:path';
import { shardCount } from '@parley/kernel';
import { eventually, startScript, temporaryFolder } from '@parley/testing';
import { describe, expect, test } from 'vitest';
import { openSqliteState } from '../src/open-sqlite-state.ts';
import type { PendingEvent, StateStore } from '../src/ports.ts';

const writer = new URL('./support/turn-writer.ts', import.meta.url);
const allShards = Array.from({ length: shardCount }, (_, shard) => shard);
const pendingOf = (store: StateStore): Promise<PendingEvent[]> => store.outbox.pending(allShards, 100_000);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

interface Step {
  readonly id: string;
  readonly step: 'accepted' | 'appended' | 'ended';
}

describe('three processes on one file', () => {
  test('commit every turn once, number events without a gap, and never see a lock', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    await using first = startScript(writer, [path, 'dialogue-0', '100', '10']);
    await using second = startScript(writer, [path, 'dialogue-1', '100', '10']);
    await using third = startScript(writer, [path, 'dialogue-2', '100', '10']);
    const writers = [first, second, third];
    // A writer whose store rejects anything, busy above all, ends with an error that this shows.
    await Promise.all(writers.map((process) => process.done()));
    const ended = writers
      .flatMap(({ messages }) => messages as Step[])
      .filter(({ step }) => step === 'ended');
    await using store = openSqliteState(path);
    const events = await pendingOf(store);
    expect(ended).toHaveLength(300);
    expect(events).toHaveLength(1_200);
    expect(events.filter(({ key }) => key === 'shared').map(({ sequence }) => sequence)).toEqual(range(600));
    for (const { id } of ended) await expectWhole(store, id, events);
    expect(await store.owners.orphans(10)).toEqual([]);
  });
});

describe('a writer that is killed', () => {
  test('leaves whole commits only, among them all that were acknowledged, and orphans to end', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    const acknowledged: Step[] = [];
    for (const round of range(3)) {
      await using victim = startScript(writer, [path, `victim-${round}`, '0', '12']);
      await eventually(() => expect(victim.messages.length).toBeGreaterThan(100 + 37 * round), {
        timeoutMs: 20_000,
      });
      await victim.kill();
      acknowledged.push(...(victim.messages as Step[]));
    }
    await using store = openSqliteState(path);
    for (const round of range(3)) await store.owners.release(`victim-${round}`);
    const events = await pendingOf(store);
    const ids = new Set(events.filter(({ key }) => key !== 'shared').map(({ key }) => key));
    for (const { id } of acknowledged) expect(ids).toContain(id);
    for (const id of ids) await expectWhole(store, id, events);
    for (const { id } of acknowledged.filter(({ step }) => step === 'ended')) {
      expect(await store.turns.get(id)).toMatchObject({ ended: true });
    }
    for (const { id } of acknowledged.filter(({ step }) => step === 'appended')) {
      expect((await store.turnLogs.read(id, -1, 10)).entries.length).toBeGreaterThanOrEqual(3);
    }
    const shared = events.filter(({ key }) => key === 'shared');
    expect(shared.map(({ sequence }) => sequence)).toEqual(range(shared.length));
    const orphans = await store.owners.orphans(100);
    expect(orphans.length).toBeGreaterThan(0);
    for (const orphan of orphans) {
      const fence = await store.turns.takeOver(orphan.id, orphan.fence, 'sweeper');
      expect(fence?.counter).toBeGreaterThan(orphan.fence.counter);
    }
  });
});

/** The turn's document, log and events are those of one and the same step. */
async function expectWhole(store: StateStore, id: string, events: readonly PendingEvent[]): Promise<void> {
  const turn = await store.turns.get(id);
  const log = await store.turnLogs.read(id, -1, 100);
  const own = events.filter(({ key }) => key === id);
  const beside = events.filter(({ key, data }) => key === 'shared' && data === id);
  const lengths = turn?.ended === true ? [5] : [1, 3];
  expect(lengths).toContain(log.entries.length);
  expect(log.entries.map(({ sequence }) => sequence)).toEqual(range(log.entries.length));
  expect(turn?.document).toBe(turn?.ended === true ? 'ended' : 'accepted');
  expect(own.map(({ data }) => data)).toEqual(turn?.ended === true ? ['accepted', 'ended'] : ['accepted']);
  expect(own.map(({ sequence }) => sequence)).toEqual(range(own.length));
  expect(beside).toHaveLength(own.length);
}
