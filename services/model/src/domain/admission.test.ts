import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SlotUse } from '../ports/model-events.ts';
import { Admission } from './admission.ts';

function admission(slots: number, maxQueued: number) {
  const seen: SlotUse[] = [];
  return { seen, gate: new Admission({ model: 'm', slots, maxQueued, onChange: (use) => seen.push(use) }) };
}

describe('admission', () => {
  it('fills the slots, then the queue, then refuses with the time to try again', () => {
    const { gate, seen } = admission(1, 1);
    gate.enter();
    gate.enter();
    expect(seen.at(-1)).toEqual({ busy: 1, free: 0, queued: 1 });
    expect(() => gate.enter()).toThrowError(
      expect.objectContaining({ code: 'overloaded', retryable: true, retryAfterMs: expect.any(Number) }),
    );
    gate.leave(4000);
    gate.enter();
    expect(() => gate.enter()).toThrowError(expect.objectContaining({ retryAfterMs: 4000 }));
  });

  it('tells when nobody is inside any more', async () => {
    const { gate } = admission(2, 0);
    await gate.empty();
    gate.enter();
    let empty = false;
    const waiting = gate.empty().then(() => (empty = true));
    await Promise.resolve();
    expect(empty).toBe(false);
    gate.leave(1);
    await waiting;
  });

  it('never lets in more than it may, and counts right', () => {
    const moves = fc.array(fc.boolean());
    fc.assert(
      fc.property(
        moves,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 4 }),
        (enters, slots, maxQueued) => {
          const { gate } = admission(slots, maxQueued);
          let inside = 0;
          for (const enter of enters) {
            if (!enter && inside > 0) {
              gate.leave(1);
              inside--;
            } else if (enter && inside < slots + maxQueued) {
              gate.enter();
              inside++;
            } else if (enter) {
              expect(() => gate.enter()).toThrow();
            }
            const { busy, free, queued } = gate.use;
            expect(busy + queued).toBe(inside);
            expect(busy + free).toBe(slots);
          }
        },
      ),
    );
  });
});
