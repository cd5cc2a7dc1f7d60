import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdmissionQueue } from './admission-queue.ts';
import type { AdmissionLimits, Waiting } from './admission-queue.ts';

let count = 0;
const full = { free: 0, tokensLeft: 0 };

function job(change: Partial<Waiting> = {}): Waiting {
  return {
    id: String(++count),
    tenant: 'a',
    priority: 0,
    tokens: 100,
    since: 0,
    deadlineAt: undefined,
    ...change,
  };
}

function queueOf(limits: Partial<AdmissionLimits> = {}): AdmissionQueue<Waiting> {
  return new AdmissionQueue({ model: 'm', slots: 2, maxRequests: 3, ...limits });
}

/** A queue whose answers took 10 ms a token. */
function measured(limits: Partial<AdmissionLimits> = {}): AdmissionQueue<Waiting> {
  const queue = queueOf(limits);
  queue.estimate.ended({ tokens: 100, outputTokens: 50, heldMs: 1000 });
  return queue;
}

describe('admission', () => {
  it('refuses what finds no room, with the time to try again', () => {
    const queue = measured({ maxRequests: 1 });
    expect(queue.submit(job(), full, 0).refusal).toBeUndefined();
    expect(queue.submit(job(), { free: 0, tokensLeft: 400 }, 0).refusal).toMatchObject({
      code: 'overloaded',
      retryable: true,
      retryAfterMs: 2000,
    });
  });

  it('does not count those who find a free slot', () => {
    const queue = queueOf({ maxRequests: 0 });
    expect(queue.submit(job(), { free: 1, tokensLeft: 0 }, 0).refusal).toBeUndefined();
    expect(queue.submit(job(), { free: 1, tokensLeft: 0 }, 0).refusal).toBeDefined();
  });

  it('refuses more tokens than may wait, but not a single long request', () => {
    const queue = queueOf({ maxTokens: 250 });
    expect(queue.submit(job({ tokens: 900 }), full, 0).refusal).toBeUndefined();
    expect(queue.submit(job({ tokens: 1 }), full, 0).refusal).toBeDefined();
  });

  it('refuses at once what would wait beyond its deadline, or longer than anybody may', () => {
    const queue = measured({ maxWaitMs: 5000 });
    const busy = { free: 0, tokensLeft: 600 };
    expect(queue.submit(job({ deadlineAt: 2900 }), busy, 0).refusal).toMatchObject({
      code: 'overloaded',
      message: expect.stringContaining('3 s'),
    });
    expect(queue.submit(job({ deadlineAt: 3000 }), busy, 0).refusal).toBeUndefined();
    expect(queue.submit(job(), { free: 0, tokensLeft: 1000 }, 0).refusal).toMatchObject({
      retryAfterMs: 500,
    });
  });

  it('takes room from the tenant that has most, newest first, for one that has less', () => {
    const queue = queueOf();
    const [first, second, third] = [job(), job(), job()];
    for (const one of [first, second, third]) queue.submit(one, full, 0);
    expect(queue.submit(job({ tenant: 'b' }), full, 0)).toEqual({ refusal: undefined, evicted: [third] });
    expect(queue.submit(job({ tenant: 'b' }), full, 0).refusal).toBeDefined();
    expect(queue.submit(job(), full, 0).refusal).toBeDefined();
    expect(queue.length).toBe(3);
  });

  it('stays within its bounds, and says of every request what became of it', () => {
    const submit = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      tokens: fc.integer({ min: 1, max: 200 }),
      takes: fc.boolean(),
    });
    const limits = fc.record({
      maxRequests: fc.integer({ min: 0, max: 6 }),
      maxTokens: fc.integer({ min: 100, max: 600 }),
    });
    fc.assert(
      fc.property(fc.array(submit, { maxLength: 60 }), limits, (submits, most) => {
        const queue = queueOf(most);
        const waiting = new Map<string, Waiting>();
        for (const { tenant, tokens, takes } of submits) {
          const one = job({ tenant, tokens });
          const held = [...waiting.values()].filter((other) => other.tenant === tenant);
          const admitted = queue.submit(one, full, 0);
          if (admitted.refusal === undefined) {
            waiting.set(one.id, one);
            for (const { id } of admitted.evicted) expect(waiting.delete(id)).toBe(true);
          } else if (most.maxRequests > 0) {
            // Nobody is refused who would have less than everybody else.
            const own = held.reduce((sum, other) => sum + other.tokens, tokens);
            const others = Map.groupBy(waiting.values(), (other) => other.tenant);
            others.delete(tenant);
            const least = [...others.values()].map((some) =>
              some.reduce((sum, other) => sum + other.tokens, 0),
            );
            if (least.length > 0 && waiting.size > 1)
              expect(own).toBeGreaterThanOrEqual(Math.min(...least) - 200);
          }
          if (takes) {
            const next = queue.next(0);
            expect(next === undefined ? waiting.size === 0 : waiting.delete(next.id)).toBe(true);
          }
          expect(queue.length).toBe(waiting.size);
          expect(queue.length).toBeLessThanOrEqual(most.maxRequests);
          const tokensWaiting = [...waiting.values()].reduce((sum, other) => sum + other.tokens, 0);
          if (waiting.size > 1) expect(tokensWaiting).toBeLessThanOrEqual(most.maxTokens);
        }
      }),
      { numRuns: 300 },
    );
  });
});
