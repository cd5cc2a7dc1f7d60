import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { FactQueue } from './fact-queue.ts';

class Told {
  failures = 0;
  lost = 0;

  failed(): void {
    this.failures += 1;
  }

  dropped(count: number): void {
    this.lost += count;
  }
}

const soon = (): AbortSignal => AbortSignal.timeout(50);

describe('facts for an event log', () => {
  it('are published one after another, and wait for one that is away', async () => {
    const told = new Told();
    const queue = new FactQueue(told);
    const published: number[] = [];
    let away = true;
    for (let fact = 0; fact < 5; fact++) {
      queue.add(async () => {
        if (away) throw new Error('The event log is away.');
        published.push(fact);
      });
    }
    await eventually(() => expect(told.failures).toBeGreaterThan(1));
    expect(published).toEqual([]);
    away = false;
    await eventually(() => expect(published).toEqual([0, 1, 2, 3, 4]));
    queue.add(async () => void published.push(5));
    await queue.close(new AbortController().signal);
    expect(published).toEqual([0, 1, 2, 3, 4, 5]);
    expect(told.lost).toBe(0);
  });

  it('are dropped, and counted, beyond the bound and at an end that cannot wait', async () => {
    const told = new Told();
    const queue = new FactQueue(told);
    for (let fact = 0; fact < 1_003; fact++) queue.add(() => new Promise(() => undefined));
    expect(told.lost).toBe(3);
    await queue.close(soon());
    expect(told.lost).toBe(1_003);
    queue.add(() => Promise.resolve());
    expect(told.lost).toBe(1_004);
  });
});
