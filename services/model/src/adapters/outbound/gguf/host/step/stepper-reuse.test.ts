import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ask } from './stepper-bench.ts';
import { bytes, StepperBench } from './stepper-bench.ts';

const acme = { own: 'acme' };

function letters(text: string, each = 70): number[] {
  return bytes(text).flatMap((byte) => Array.from({ length: each }, () => byte));
}

async function answered(bench: StepperBench, id: string, ask: Ask): Promise<number | undefined> {
  bench.submit(id, ask);
  await bench.idle();
  return bench.reused(id);
}

describe('the stepper with prompts that begin alike', () => {
  it('reads only what is new of a conversation that goes on', async () => {
    const bench = new StepperBench(2, 10, 500);
    const first = letters('sa');
    await answered(bench, 'first', { prompt: first, scope: acme, answer: bytes('hello') });
    bench.batch.runs.length = 0;
    const second = [...first, ...bytes('hello'), ...letters('b')];
    expect(await answered(bench, 'second', { prompt: second, scope: acme })).toBe(first.length + 5);
    expect(bench.batch.runs[0]?.[0]?.tokens).toHaveLength(70);
    expect(bench.samplers[1]?.read).toEqual(second);
  });

  it('reads all of it where a context cannot give anything back', async () => {
    const bench = new StepperBench(2, 10, 500);
    bench.batch.reuse = undefined;
    const plain = new StepperBench(2, 10, 500, {}, bench.batch);
    await answered(plain, 'first', { prompt: letters('sa'), scope: acme });
    expect(await answered(plain, 'second', { prompt: letters('sab'), scope: acme })).toBe(0);
    expect(plain.batch.held).toEqual([]);
  });

  it('reads all of the same prompt of another tenant, in as many steps', async () => {
    const bench = new StepperBench(2, 10, 100);
    await answered(bench, 'one', { prompt: letters('secret'), scope: acme });
    const steps = bench.batch.runs.length;
    expect(await answered(bench, 'two', { prompt: letters('secret'), scope: { own: 'other' } })).toBe(0);
    expect(bench.batch.runs.length).toBe(2 * steps);
    expect(bench.batch.copies).toEqual([]);
  });

  it('copies the words of an assistant from one tenant to another, also from one that runs', async () => {
    const bench = new StepperBench(3, 10, 500);
    const shared = { shared: 'assistant-1', sharedTokens: 140 };
    const [ada, bob] = [letters('wwa'), letters('wwb')];
    bench.batch.during = (run) => {
      if (run === 2) bench.submit('bob', { prompt: bob, scope: { own: 'other', ...shared } });
    };
    await answered(bench, 'ada', {
      prompt: ada,
      scope: { own: 'acme', ...shared },
      answer: bytes('a long answer'),
    });
    expect(bench.batch.copies).toEqual([[0, 1]]);
    expect(bench.reused('bob')).toBe(128);
    expect(bench.samplers[1]?.read).toEqual(bob);
    expect(bench.text('ada')).toBe('a long answer');
  });

  it('ends a job that is cancelled while its beginning is copied', async () => {
    const bench = new StepperBench(2, 10, 500);
    await answered(bench, 'first', { prompt: letters('sabc'), scope: acme });
    const { reuse } = bench.batch;
    if (reuse === undefined) throw new Error('it can copy');
    bench.batch.reuse = {
      ...reuse,
      copy: async (from, to) => {
        bench.stepper.cancel('second');
        await reuse.copy(from, to);
      },
    };
    await answered(bench, 'second', { prompt: letters('sxyz'), scope: acme });
    expect(bench.end('second')).toMatchObject({ type: 'failed', code: 'cancelled' });
    expect(bench.text('second')).toBe('');
  });

  it('keeps nothing of a batch that failed', async () => {
    const bench = new StepperBench(1, 10, 50);
    bench.batch.during = (run) => {
      if (run === 2) throw new Error('no room');
    };
    await answered(bench, 'broken', { prompt: letters('ab'), scope: acme });
    expect(await answered(bench, 'next', { prompt: letters('ab'), scope: acme })).toBe(0);
  });

  it('never changes what an answer has read before its first token, and is fair to the cache', async () => {
    const job = fc.record({
      words: fc.stringMatching(/^[abc]{1,4}$/),
      own: fc.constantFrom('', 'one', 'two'),
      shared: fc.constantFrom('', 'document'),
      sharedTokens: fc.constantFrom(0, 70, 150),
      arrivesAt: fc.integer({ min: 0, max: 12 }),
      cancelAt: fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined }),
      said: fc.constantFrom('', 'x', 'yy'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(job, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (jobs, slots) => {
          const bench = new StepperBench(slots, 20, 90);
          const prompts: number[][] = [];
          const arrive = (run: number): void => {
            for (const [index, { words, arrivesAt, cancelAt, said, ...scope }] of jobs.entries()) {
              if (cancelAt === run) bench.stepper.cancel(String(index));
              if (arrivesAt !== run) continue;
              prompts.push(letters(words));
              bench.submit(String(index), { prompt: letters(words), scope, answer: bytes(said) });
            }
          };
          bench.batch.during = arrive;
          arrive(0);
          await bench.idle();
          for (const { read } of bench.samplers) if (read !== undefined) expect(prompts).toContainEqual(read);
          expect(bench.samplers.every(({ disposed }) => disposed)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
