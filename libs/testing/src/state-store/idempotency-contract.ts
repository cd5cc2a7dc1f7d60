import { newPublicId, newUuid } from '@parley/kernel';
import type { NewClaim } from '@parley/state/ports';
import { describe, expect, test } from 'vitest';
import { aFence } from '../builders.ts';
import { eventually } from '../eventually.ts';
import { twoClients } from './fixture.ts';
import type { OpenStateStore } from './fixture.ts';

/** Long enough never to end within a test. */
const longMs = 600_000;

function aClaim(claim: Partial<NewClaim> = {}): NewClaim {
  return { fingerprint: 'body', subject: newPublicId('resp'), holdMs: longMs, keepMs: longMs, ...claim };
}

/** Idempotency-Keys: claimed once, gone on with under the same id, settled for good. */
export function idempotencyContract(open: OpenStateStore): void {
  describe('the claim of an Idempotency-Key', () => {
    test('is the first one’s; everybody after it is told what that one will make', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      const first = aClaim();
      const claimed = await mine.idempotency.claim('key', first);
      const { fingerprint, subject } = first;
      expect(claimed).toMatchObject({ fingerprint, subject, held: true, settled: false, mine: true });
      const second = await theirs.idempotency.claim('key', aClaim({ fingerprint: 'another body' }));
      expect(second).toEqual({ ...claimed, mine: false });
      expect((await theirs.idempotency.claim('another key', aClaim())).mine).toBe(true);
    });

    test('is one’s of many that come at the same time', async () => {
      await using fixture = await open();
      const clients = await twoClients(fixture);
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          clients[i % 2 === 0 ? 0 : 1].idempotency.claim('key', aClaim({ subject: `resp-${i}` })),
        ),
      );
      expect(claims.filter(({ mine }) => mine)).toHaveLength(1);
      expect(new Set(claims.map(({ subject }) => subject)).size).toBe(1);
    });

    test('that is held cannot be taken over; one that was released can, once, under the same subject', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      const { fence, subject } = await mine.idempotency.claim('key', aClaim());
      expect(await theirs.idempotency.takeOver('key', fence, longMs)).toBeUndefined();
      await theirs.idempotency.release('key', aFence());
      expect((await theirs.idempotency.claim('key', aClaim())).held).toBe(true);
      await mine.idempotency.release('key', fence);
      expect((await theirs.idempotency.claim('key', aClaim())).held).toBe(false);
      const taken = await Promise.all(
        [mine, theirs, mine].map(({ idempotency }) => idempotency.takeOver('key', fence, longMs)),
      );
      const [next, ...others] = taken.filter((each) => each !== undefined);
      expect(others).toEqual([]);
      expect(next?.counter).toBeGreaterThan(fence.counter);
      const now = await mine.idempotency.claim('key', aClaim());
      expect(now).toMatchObject({ subject, fence: next, held: true, mine: false });
    });

    test('can be taken over when the time to hold it is over', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      const { fence } = await mine.idempotency.claim('key', aClaim({ holdMs: 50 }));
      const next = await eventually(async () => {
        const taken = await theirs.idempotency.takeOver('key', fence, longMs);
        if (taken === undefined) throw new Error('still held');
        return taken;
      });
      await mine.idempotency.release('key', fence);
      await mine.idempotency.settle('key', fence, 'of the slow one', longMs);
      await mine.idempotency.forget('key', fence);
      const now = await mine.idempotency.claim('key', aClaim());
      expect(now).toMatchObject({ fence: next, held: true, settled: false, mine: false });
    });

    test('that is settled names what was made, and nobody goes on with it', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      const { fence } = await mine.idempotency.claim('key', aClaim());
      await mine.idempotency.settle('key', fence, 'job_shared', longMs);
      const settled = { subject: 'job_shared', held: false, settled: true, mine: false };
      expect(await theirs.idempotency.claim('key', aClaim())).toMatchObject(settled);
      expect(await theirs.idempotency.takeOver('key', fence, longMs)).toBeUndefined();
      await mine.idempotency.release('key', fence);
      await theirs.idempotency.settle('key', fence, 'job_shared', longMs);
      expect(await theirs.idempotency.claim('key', aClaim())).toMatchObject(settled);
    });

    test('that is forgotten frees the key, settled or not, for whoever knows its fence', async () => {
      await using fixture = await open();
      const [mine, theirs] = await twoClients(fixture);
      const held = await mine.idempotency.claim('key', aClaim());
      await theirs.idempotency.forget('key', aFence());
      expect((await theirs.idempotency.claim('key', aClaim())).mine).toBe(false);
      await mine.idempotency.forget('key', held.fence);
      const again = await theirs.idempotency.claim('key', aClaim());
      expect(again.mine).toBe(true);
      expect(again.fence.counter).toBeGreaterThan(held.fence.counter);
      await theirs.idempotency.settle('key', again.fence, again.subject, longMs);
      await mine.idempotency.forget('key', held.fence);
      expect((await mine.idempotency.claim('key', aClaim())).settled).toBe(true);
      await mine.idempotency.forget('key', again.fence);
      expect((await mine.idempotency.claim('key', aClaim())).mine).toBe(true);
    });

    test('is kept for its time only, counted anew when it is settled', async () => {
      await using fixture = await open();
      const { idempotency } = fixture.store;
      const short = aClaim({ keepMs: 100 });
      const [lost, kept] = [newUuid(), newUuid()];
      const first = await idempotency.claim(lost, short);
      const { fence } = await idempotency.claim(kept, aClaim({ keepMs: 2_000 }));
      await idempotency.settle(kept, fence, 'made', longMs);
      const second = await eventually(async () => {
        const claim = await idempotency.claim(lost, aClaim({ keepMs: 2_000 }));
        if (!claim.mine) throw new Error('still there');
        return claim;
      });
      expect(second.subject).not.toBe(first.subject);
      await idempotency.settle(lost, second.fence, 'made', 1);
      await eventually(async () => {
        expect((await idempotency.claim(lost, aClaim({ subject: 'third' }))).subject).toBe('third');
      });
      expect(await idempotency.claim(kept, aClaim())).toMatchObject({ subject: 'made', settled: true });
    });
  });
}
