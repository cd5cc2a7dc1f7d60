import { join } from 'node:path';
import { migrate, openSqlite } from '@parley/sqlite';
import { aNewTurn, anEnd, anEntry, anOutboxEvent, temporaryFolder } from '@parley/testing';
import { describe, expect, test } from 'vitest';
import { openSqliteState } from '../src/open-sqlite-state.ts';
import { stateComponent, stateMigrations } from '../src/sqlite/schema.ts';

const shards = Array.from({ length: 64 }, (_, shard) => shard);

describe('a state store in a file', () => {
  test('has everything when it is opened again, and its fences are still good', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    const turn = aNewTurn();
    const before = openSqliteState(path);
    const fence = await before.turns.accept(turn, [anEntry(0)], [anOutboxEvent({ key: turn.id })]);
    const [lease] = (await before.leases.acquire(['a'], 'me', 600_000)).values();
    await before[Symbol.asyncDispose]();
    await using after = openSqliteState(path);
    expect(await after.leases.acquire(['a'], 'me', 600_000)).toEqual(new Map([['a', lease]]));
    await after.turns.commit(turn.id, fence, anEnd({ events: [anOutboxEvent({ key: turn.id })] }));
    expect((await after.outbox.pending(shards, 10)).map(({ sequence }) => sequence)).toEqual([0, 1]);
  });

  test('has another epoch than every other store', async () => {
    await using first = openSqliteState(':memory:');
    await using second = openSqliteState(':memory:');
    const [one, two] = [
      await first.turns.accept(aNewTurn(), [], []),
      await second.turns.accept(aNewTurn(), [], []),
    ];
    expect(one.epoch).toMatch(/^[0-9a-f]{32}$/);
    expect(one.epoch).not.toBe(two.epoch);
  });

  test('finishes what it was asked when it is closed', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    const store = openSqliteState(path);
    const turns = Array.from({ length: 500 }, () => aNewTurn());
    const accepting = Promise.all(turns.map((turn) => store.turns.accept(turn, [], [])));
    await store[Symbol.asyncDispose]();
    await accepting;
    await using reopened = openSqliteState(path);
    for (const { id } of turns) expect(await reopened.turns.get(id)).toBeDefined();
    await expect(store.turns.get('x')).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('of the layout before jobs and control data is brought to the layout of today, with what it has', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    const turn = aNewTurn();
    {
      using db = openSqlite(path);
      migrate(db, stateMigrations.slice(0, 1), stateComponent);
      const insert = `INSERT INTO turns VALUES (?, 'acme', 1, 'me', 7, 0, 1, NULL, '{}')`;
      db.prepare(insert).run(turn.id);
    }
    await using store = openSqliteState(path);
    expect(await store.turns.get(turn.id)).toMatchObject({ id: turn.id, owner: 'me' });
    expect(await store.control.put('a', 'value', 0)).toMatchObject({ version: 1 });
    expect(await store.jobs.list(['pull'], 10)).toEqual([]);
  });

  test('is refused when a much newer program has written it', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    await openSqliteState(path)[Symbol.asyncDispose]();
    {
      using db = openSqlite(path);
      db.exec("UPDATE layout_versions SET version = 9 WHERE component = 'state'");
    }
    expect(() => openSqliteState(path)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});

describe('a commit that fails half-way', () => {
  test('leaves neither document nor entries nor events, and others of its batch are not touched', async () => {
    await using store = openSqliteState(':memory:');
    const [turn, other] = [aNewTurn(), aNewTurn()];
    const fence = await store.turns.accept(turn, [anEntry(0), anEntry(1)], []);
    const before = await store.turns.get(turn.id);
    const repeated = anEnd({
      entries: [anEntry(2), anEntry(1, 'another')],
      events: [anOutboxEvent({ key: turn.id })],
    });
    const outcomes = await Promise.allSettled([
      store.turns.commit(turn.id, fence, repeated),
      store.turns.accept(other, [], [anOutboxEvent({ key: 'k' })]),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { code: 'conflict' } },
      { status: 'fulfilled' },
    ]);
    expect(await store.turns.get(turn.id)).toEqual(before);
    expect((await store.turnLogs.read(turn.id, -1, 10)).entries).toEqual([anEntry(0), anEntry(1)]);
    expect((await store.outbox.pending(shards, 10)).map(({ key }) => key)).toEqual(['k']);
    await store.turns.commit(turn.id, fence, { ...repeated, entries: [anEntry(2)] });
    expect((await store.outbox.pending(shards, 10)).map(({ sequence }) => sequence)).toEqual([0, 0]);
  });
});

describe('sequence numbers', () => {
  test('of a key are one row of numbers, whether a commit or a caller takes them', async () => {
    await using store = openSqliteState(':memory:');
    await store.turns.accept(aNewTurn(), [], [anOutboxEvent({ key: 'k' }), anOutboxEvent({ key: 'k' })]);
    expect(await store.sequences.next('k')).toBe(2);
    await store.turns.accept(aNewTurn(), [], [anOutboxEvent({ key: 'k' })]);
    expect((await store.outbox.pending(shards, 10)).map(({ sequence }) => sequence)).toEqual([0, 1, 3]);
  });

  test('of a turn go with the turn, those of its conversation stay', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fleet.db');
    await using store = openSqliteState(path);
    const turn = aNewTurn();
    const fence = await store.turns.accept(turn, [], [anOutboxEvent({ key: turn.id })]);
    await store.turns.commit(
      turn.id,
      fence,
      anEnd({ endedAtMs: 1, events: [anOutboxEvent({ key: 'conv' })] }),
    );
    expect(await store.turnLogs.expireTurns('stored', 2, 10)).toBe(1);
    using db = openSqlite(path);
    expect(db.prepare('SELECT key FROM sequences').all()).toEqual([{ key: 'conv' }]);
  });
});
