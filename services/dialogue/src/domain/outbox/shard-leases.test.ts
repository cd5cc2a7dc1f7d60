import { describe, expect, test } from 'vitest';
import { shardCount } from '@parley/kernel';
import { openSqliteState } from '@parley/state';
import type { LeaseStore } from '@parley/state/ports';
import { ShardLeases } from './shard-leases.ts';

const ttlMs = 10_000;
const clock = { now: () => 0 };

function instance(leases: LeaseStore, owner: string, living: () => readonly string[]): ShardLeases {
  return new ShardLeases(leases, { owner, ttlMs, clock }, living);
}

function shardsOf(leases: ShardLeases): number[] {
  return [...leases.held().keys()].toSorted((a, b) => a - b);
}

describe('the outbox shards', () => {
  test('are all relayed by an instance that is alone', async () => {
    await using state = openSqliteState(':memory:');
    const alone = instance(state.leases, 'a', () => ['a']);
    await alone.renew();
    expect(shardsOf(alone)).toHaveLength(shardCount);
  });

  test('are shared evenly once a second instance lives, with one renewal between giving up and taking', async () => {
    await using state = openSqliteState(':memory:');
    let living = ['a'];
    const first = instance(state.leases, 'a', () => living);
    await first.renew();
    living = ['a', 'b'];
    const second = instance(state.leases, 'b', () => living);

    await second.renew();
    expect(shardsOf(second)).toEqual([]);
    await first.renew();
    expect(shardsOf(first)).toHaveLength(shardCount / 2);
    await second.renew();
    expect(shardsOf(second)).toEqual([]);

    await first.renew();
    await second.renew();
    expect(shardsOf(first)).toHaveLength(shardCount / 2);
    expect(shardsOf(second)).toHaveLength(shardCount / 2);
    expect(new Set([...shardsOf(first), ...shardsOf(second)]).size).toBe(shardCount);
    expect(shardsOf(second)).toContain(second.pick());
  });

  test('come back to the one that is left when the other says that it goes', async () => {
    await using state = openSqliteState(':memory:');
    let living = ['a', 'b'];
    const first = instance(state.leases, 'a', () => living);
    const second = instance(state.leases, 'b', () => living);
    await first.renew();
    await second.renew();
    expect(shardsOf(first)).toHaveLength(shardCount / 2);

    await second.release();
    living = ['a'];
    await first.renew();
    expect(shardsOf(first)).toHaveLength(shardCount);
  });

  test('that were to be given up are kept when the other instance is gone again', async () => {
    await using state = openSqliteState(':memory:');
    let living = ['a'];
    const first = instance(state.leases, 'a', () => living);
    await first.renew();
    living = ['a', 'b'];
    await first.renew();
    living = ['a'];
    await first.renew();
    expect(shardsOf(first)).toHaveLength(shardCount);
  });
});
