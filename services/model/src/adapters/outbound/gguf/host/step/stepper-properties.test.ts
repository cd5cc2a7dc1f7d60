import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sampled } from './step-batch.ts';
import { bytes, StepperBench } from './stepper-bench.ts';

describe('any mix of jobs', () => {
  const job = fc.record({
    prompt: fc.integer({ min: 1, max: 60 }),
    length: fc.integer({ min: 0, max: 12 }),
    max: fc.integer({ min: 1, max: 10 }),
    arrivesAt: fc.integer({ min: 0, max: 20 }),
    cancelAt: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
    deadline: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    priority: fc.integer({ min: 0, max: 1 }),
    breaks: fc.boolean(),
  });

  it('ends each exactly once, gives everything back, and cancels within one step', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(job, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        async (jobs, slots) => {
          const bench = new StepperBench(slots, 8, 8);
          const admitted = new Set<string>();
          const cancelledIn = new Map<string, number>();
          const arrive = (run: number): void => {
            for (const [index, { arrivesAt, cancelAt, ...ask }] of jobs.entries()) {
              const id = String(index);
              if (arrivesAt === run) {
                const answer: Sampled[] = bytes('x'.repeat(ask.length));
                if (ask.breaks) answer.push(new Error('broken'));
                const deadline = ask.deadline === undefined ? {} : { deadlineAt: bench.now + ask.deadline };
                if (bench.submit(id, { ...ask, ...deadline, answer })) admitted.add(id);
              }
              if (cancelAt === run && admitted.has(id) && bench.end(id) === undefined) {
                bench.stepper.cancel(id);
                cancelledIn.set(id, run);
              }
            }
          };
          bench.batch.during = (run) => {
            bench.now++;
            arrive(run);
          };
          arrive(0);
          await bench.idle();
          for (const id of admitted) {
            const ends = bench.events.filter((event) => event.id === id && event.type !== 'chunk');
            expect(ends).toHaveLength(1);
            const last = bench.events.findLast((event) => event.id === id);
            expect(last?.type).not.toBe('chunk');
          }
          for (const [id, run] of cancelledIn) {
            const endedIn = bench.messages.findIndex(({ events }) =>
              events.some((event) => event.id === id && event.type !== 'chunk'),
            );
            expect(
              bench.messages.slice(0, endedIn).filter(({ figures }) => figures !== undefined).length,
            ).toBeLessThan(run);
          }
          expect(new Set(bench.events.map(({ id }) => id))).toEqual(admitted);
          expect(bench.batch.held).toEqual([]);
          expect(bench.samplers.every(({ disposed }) => disposed)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('starves none: with equal priority each gets its slot in order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 16 }),
        async (prompts) => {
          const bench = new StepperBench(2, 20, 8);
          for (const [index, prompt] of prompts.entries())
            bench.submit(String(index), { prompt, answer: bytes('ab') });
          await bench.idle();
          expect(bench.events.filter(({ type }) => type === 'finished')).toHaveLength(prompts.length);
          const total = prompts.reduce((sum, prompt) => sum + prompt, 0);
          // Two slots, eight prompt tokens a step, three steps for an answer: nobody can wait longer than this.
          expect(bench.batch.runs.length).toBeLessThanOrEqual(Math.ceil(total / 2) + 4 * prompts.length);
        },
      ),
    );
  });
});
