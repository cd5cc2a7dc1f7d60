import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';
import type { Queued } from './fair-queue.ts';

let count = 0;

function job(tenant: string, change: Partial<Queued> = {}): Queued {
  return { id: `${tenant}${++count}`, tenant, priority: 0, tokens: 100, since: 0, ...change };
}

function queueOf(...jobs: readonly Queued[]): FairQueue<Queued> {
  const queue = new FairQueue<Queued>();
  for (const one of jobs) queue.add(one);
  return queue;
}

function order(queue: FairQueue<Queued>, now = 0): string[] {
  return Array.from({ length: queue.length }, () => queue.next(now)?.tenant ?? '');
}

describe('a fair queue', () => {
  it('serves one tenant in order, and several in turns', () => {
    const jobs = [job('a'), job('a'), job('a'), job('b'), job('b')];
    expect(order(queueOf(...jobs))).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(queueOf(...jobs).next(0)?.id).toBe(jobs[0]?.id);
  });

  it('lets somebody who comes late in before the rest of one who sent much', () => {
    const queue = queueOf(...Array.from({ length: 100 }, () => job('a')));
    for (let served = 0; served < 10; served++) queue.next(0);
    queue.add(job('b'));
    expect(order(queue).indexOf('b')).toBeLessThanOrEqual(1);
  });

  it('counts tokens, not requests', () => {
    const big = { tokens: 300 };
    const queue = queueOf(job('a', big), job('a', big), ...Array.from({ length: 6 }, () => job('b')));
    expect(order(queue).join('')).toBe('abbbabbb');
  });

  it('serves higher priority first, and lets who waits rise to it', () => {
    const queue = queueOf(job('low', { priority: -1 }), job('high', { priority: 1 }));
    expect(order(queue)).toEqual(['high', 'low']);
    const aged = queueOf(job('low', { priority: -1 }), job('high', { priority: 1, since: 10_000 }));
    expect(order(aged, 10_000)).toEqual(['low', 'high']);
  });

  it('forgets who leaves', () => {
    const [first, second] = [job('a'), job('a')];
    const queue = queueOf(first, second);
    expect(queue.remove(first.id)).toBe(first);
    expect(queue.remove(first.id)).toBeUndefined();
    expect(queue.tokens).toBe(100);
    expect(queue.removeAll(() => true)).toEqual([second]);
    expect(queue.length).toBe(0);
  });

  const jobs = fc.array(
    fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      tokens: fc.integer({ min: 1, max: 500 }),
      priority: fc.integer({ min: -20, max: 20 }),
    }),
    { minLength: 1, maxLength: 60 },
  );

  it('gives everything back once, and a busy tenant no more than a fair share of any stretch', () => {
    fc.assert(
      fc.property(jobs, (asked) => {
        const queue = queueOf(...asked.map(({ tenant, tokens }) => job(tenant, { tokens })));
        const largest = Math.max(...asked.map(({ tokens }) => tokens));
        const served = new Map<string, number>();
        const left = new Map<string, number>();
        for (const { tenant } of asked) left.set(tenant, (left.get(tenant) ?? 0) + 1);
        while (queue.length > 0) {
          const next = queue.next(0);
          if (next === undefined) throw new Error('an empty turn');
          served.set(next.tenant, (served.get(next.tenant) ?? 0) + next.tokens);
          left.set(next.tenant, (left.get(next.tenant) ?? 0) - 1);
          const waiting = [...left].filter(([, some]) => some > 0).map(([tenant]) => served.get(tenant) ?? 0);
          // Of those who have had work all the time none is further ahead than one request.
          if (waiting.length > 1)
            expect(Math.max(...waiting) - Math.min(...waiting)).toBeLessThanOrEqual(largest);
        }
        expect(queue.tokens).toBe(0);
      }),
    );
  });

  it('starves none: whoever waits is served however many of higher priority come', () => {
    fc.assert(
      fc.property(jobs, fc.integer({ min: -8, max: 8 }), (asked, priority) => {
        const queue = queueOf(...asked.map((one) => job(one.tenant, one)));
        const last = job('slow', { priority });
        queue.add(last);
        let now = 0;
        for (let turn = 0; turn < 400; turn++) {
          now += 1000;
          queue.add(job('pushy', { priority: 8, since: now }));
          if (queue.next(now) === last) return;
        }
        throw new Error('it starved');
      }),
      { numRuns: 50 },
    );
  });

  it('keeps no account of tenants that are gone', () => {
    const queue = queueOf(job('stays'));
    for (let index = 0; index < 1000; index++) {
      queue.add(job(`t${index}`));
      queue.next(0);
    }
    expect(queue.tenantsKnown).toBeLessThan(100);
  });
});
