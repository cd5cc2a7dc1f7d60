import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SlotUse } from '../../ports/model-events.ts';
import { Admission } from './admission.ts';

function admission(slots: number) {
  const seen: SlotUse[] = [];
  return { seen, gate: new Admission({ slots, onChange: (use) => seen.push(use) }) };
}

describe('admission', () => {
  it('counts who runs and who waits, and how long they take', () => {
    const { gate, seen } = admission(1);
    gate.enter();
    gate.enter();
    expect(seen.at(-1)).toEqual({ busy: 1, free: 0, queued: 1 });
    gate.leave(4000);
    expect(gate.meanMs).toBe(4000);
    gate.leave(3000);
    expect(gate.meanMs).toBe(3900);
  });

  it('tells when nobody is inside any more', async () => {
    const { gate } = admission(2);
    await gate.empty();
    gate.enter();
    let empty = false;
    const waiting = gate.empty().then(() => (empty = true));
    await Promise.resolve();
    expect(empty).toBe(false);
    gate.leave(1);
    await waiting;
  });

  it('counts right', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 4 }), (enters, slots) => {
        const { gate } = admission(slots);
        let inside = 0;
        for (const enter of enters) {
          if (enter) {
            gate.enter();
            inside++;
          } else if (inside > 0) {
            gate.leave(1);
            inside--;
          }
          const { busy, free, queued } = gate.use;
          expect(busy + queued).toBe(inside);
          expect(busy + free).toBe(slots);
        }
      }),
    );
  });
});
