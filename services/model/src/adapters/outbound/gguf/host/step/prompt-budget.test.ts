import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PromptBudget } from './prompt-budget.ts';

/** What a step of a machine takes. */
interface Machine {
  readonly stepMs: number;
  readonly decodeMs: number;
  readonly promptMs: number;
}

const load = { decoding: 4, queuedPerSlot: 0 };

function stepMs({ stepMs: fixed, decodeMs, promptMs }: Machine, promptTokens: number): number {
  return fixed + decodeMs * load.decoding + promptMs * promptTokens;
}

/** Lets a budget see `steps` steps that are full of prompts. @returns the time of the last one */
function run(budget: PromptBudget, machine: Machine, steps: number, around = load): number {
  let ms = 0;
  for (let step = 0; step < steps; step++) {
    const promptTokens = budget.next(around);
    ms = stepMs(machine, promptTokens);
    budget.observe({ ...around, promptTokens, ms });
  }
  return ms;
}

describe('the prompt budget', () => {
  it('is all there may be while no answer runs, and where gaps do not matter', () => {
    const budget = new PromptBudget({ most: 256, targetGapMs: 100 });
    run(budget, { stepMs: 50, decodeMs: 10, promptMs: 5 }, 20);
    expect(budget.next({ decoding: 0, queuedPerSlot: 0 })).toBe(256);
    const careless = new PromptBudget({ most: 64, targetGapMs: 0 });
    run(careless, { stepMs: 50, decodeMs: 10, promptMs: 5 }, 20);
    expect(careless.next(load)).toBe(64);
  });

  it('comes to the target gap on any machine that can keep it, and again when the machine changes', () => {
    const machine = fc.record({
      stepMs: fc.double({ min: 1, max: 15, noNaN: true }),
      decodeMs: fc.double({ min: 0, max: 4, noNaN: true }),
      promptMs: fc.double({ min: 0.4, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(machine, fc.double({ min: 1, max: 1.5, noNaN: true }), (first, slower) => {
        const budget = new PromptBudget({ most: 4096, targetGapMs: 100 });
        expect(Math.abs(run(budget, first, 60) - 85)).toBeLessThan(8);
        const second = { ...first, promptMs: first.promptMs * slower };
        expect(Math.abs(run(budget, second, 60) - 85)).toBeLessThan(8);
      }),
    );
  });

  it('stays within its bounds whatever steps take, so that no prompt starves', () => {
    const step = fc.record({
      decoding: fc.integer({ min: 0, max: 64 }),
      queuedPerSlot: fc.double({ min: 0, max: 20, noNaN: true }),
      promptTokens: fc.integer({ min: 0, max: 600 }),
      ms: fc.double({ min: 0, max: 60_000, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 8, max: 600 }),
        fc.integer({ min: 0, max: 2000 }),
        (steps, most, targetGapMs) => {
          const budget = new PromptBudget({ most, targetGapMs });
          for (const taken of steps) {
            budget.observe(taken);
            const next = budget.next(taken);
            expect(next).toBeLessThanOrEqual(most);
            expect(next).toBeGreaterThanOrEqual(Math.min(most, 32));
          }
        },
      ),
    );
  });

  it('gives prompts a share of slow steps, and more of it to a long queue', () => {
    const slow = { stepMs: 200, decodeMs: 0, promptMs: 1 };
    const [calm, busy] = [0, 3].map((queuedPerSlot) => {
      const budget = new PromptBudget({ most: 4096, targetGapMs: 100 });
      budget.observe({ ...load, promptTokens: 0, ms: 200 });
      return run(budget, slow, 60, { ...load, queuedPerSlot });
    });
    expect(calm).toBeCloseTo(300, -1);
    expect(busy).toBeCloseTo(400, -1);
  });

  it.each([
    ['keeps it with the least slice', 2, 43],
    ['reads a whole tile', 8, 65],
    ['reads the least that it can', 40, 32],
  ])('where the target is hard to keep: %s', (_, promptMs, tokens) => {
    const budget = new PromptBudget({ most: 128, targetGapMs: 100 });
    run(budget, { stepMs: 0, decodeMs: 0, promptMs }, 60);
    expect(budget.next(load)).toBe(tokens);
  });

  it('forgets a step that was held up', () => {
    const machine = { stepMs: 10, decodeMs: 2, promptMs: 0.5 };
    const budget = new PromptBudget({ most: 4096, targetGapMs: 100 });
    run(budget, machine, 60);
    const before = budget.next(load);
    budget.observe({ ...load, promptTokens: before, ms: 30_000 });
    expect(budget.next(load)).toBeGreaterThanOrEqual(Math.floor(before / 2));
    run(budget, machine, 8);
    expect(budget.next(load)).toBeGreaterThan(before * 0.9);
  });
});
