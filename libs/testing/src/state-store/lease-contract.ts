import { describe, expect, test } from 'vitest';
import type { Fence, LeaseStore } from '@parley/state/ports';
import { eventually } from '../eventually.ts';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

const longMs = 600_000;

/** Leases: one holder at a time, fenced. */
export function leaseContract(open: OpenStateStore): void {
  describe('a lease', () => {
    test('has one holder; those held by another are left out of the answer', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      expect([...(await mine.leases.acquire(['a', 'b'], 'me', longMs)).keys()]).toEqual(['a', 'b']);
      expect([...(await theirs.leases.acquire(['b', 'c'], 'they', longMs)).keys()]).toEqual(['c']);
    });

    test('goes to one of many that try at the same time', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      const attempts = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          clients[i % 2 === 0 ? 0 : 1].leases.acquire(['a'], `owner-${i}`, longMs),
        ),
      );
      expect(attempts.filter((taken) => taken.has('a'))).toHaveLength(1);
    });

    test('keeps its fence when renewed, and lives on', async () => {
      await using fixture = await open();
      const { leases } = fixture.store;
      const first = await taken(leases, 'me', 1_000);
      for (let i = 0; i < 5; i++) expect(await taken(leases, 'me', longMs)).toEqual(first);
      await expectRefusedFor(leases, 'they', 1_200);
    });

    test('goes to another after its time, with a greater fence', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      const first = await taken(mine.leases, 'me', 100);
      const second = await eventually(() => taken(theirs.leases, 'they', longMs));
      expect(second.epoch).toBe(first.epoch);
      expect(second.counter).toBeGreaterThan(first.counter);
      expect(await mine.leases.acquire(['a'], 'me', longMs)).toEqual(new Map());
    });

    test('has a new fence when its holder let it expire and takes it again', async () => {
      await using fixture = await open();
      const { leases } = fixture.store;
      const first = await taken(leases, 'me', 1);
      const second = await eventually(async () => {
        const fence = await taken(leases, 'me', 1);
        expect(fence).not.toEqual(first);
        return fence;
      });
      expect(second.counter).toBeGreaterThan(first.counter);
    });

    test('is free at once when released, and its next fence is greater', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      const first = await taken(mine.leases, 'me', longMs);
      await mine.leases.release(['a', 'not held'], 'me');
      expect((await taken(theirs.leases, 'they', longMs)).counter).toBeGreaterThan(first.counter);
    });

    test('is not released by somebody else', async () => {
      await using fixture = await open();
      const { leases } = fixture.store;
      const fence = await taken(leases, 'me', longMs);
      await leases.release(['a'], 'they');
      expect(await leases.acquire(['a'], 'they', longMs)).toEqual(new Map());
      expect(await taken(leases, 'me', longMs)).toEqual(fence);
    });
  });
}

async function taken(leases: LeaseStore, owner: string, ttlMs: number): Promise<Fence> {
  const fence = (await leases.acquire(['a'], owner, ttlMs)).get('a');
  if (fence === undefined) throw new Error(`${owner} did not get the lease`);
  return fence;
}

/** The lease stays another's for that long. */
async function expectRefusedFor(leases: LeaseStore, owner: string, forMs: number): Promise<void> {
  const until = performance.now() + forMs;
  await eventually(async () => {
    expect(await leases.acquire(['a'], owner, longMs)).toEqual(new Map());
    if (performance.now() < until) throw new Error('not yet');
  });
}
