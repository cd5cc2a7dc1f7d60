import { describe, expect, it } from 'vitest';
import { bytes, StepperBench } from './stepper-bench.ts';

/** What a step takes: each pass reads the weights once. */
interface Machine {
  readonly passMs: number;
  readonly tokenMs: number;
}

interface Outcome {
  readonly tokensPerSecond: number;
  readonly gapP99Ms: number;
}

const chats = 5;
const turnsPerChat = 12;
const longPrompts = 10;

/** As llama.cpp splits a batch: a pass takes sequences of consecutive ids, and as many tokens of each. */
function passes(left: Map<number, number>): number {
  let count = 0;
  while (left.size > 0) {
    const run: number[] = [];
    for (const sequence of left.keys()) {
      const last = run.at(-1);
      if (last === undefined || sequence === last + 1) run.push(sequence);
    }
    const least = Math.min(...run.map((sequence) => left.get(sequence) ?? 0));
    for (const sequence of run) {
      const rest = (left.get(sequence) ?? 0) - least;
      if (rest === 0) left.delete(sequence);
      else left.set(sequence, rest);
    }
    count++;
  }
  return count;
}

/** Short chats without a pause while long prompts come one after another, on a clock that the steps move. */
async function traffic(machine: Machine, most: number, targetGapMs: number): Promise<Outcome> {
  const bench = new StepperBench(8, 100, most, { targetGapMs, contextTokens: 4096 });
  const lastAt = new Map<string, number>();
  const gaps: number[] = [];
  let seen = 0;
  let total = 0;
  const begin = (name: string, turn: number): void => {
    const isChat = name.startsWith('chat');
    if (turn >= (isChat ? turnsPerChat : longPrompts)) return;
    const prompt = isChat ? 30 + turn : 1200 + 100 * (turn % 4);
    const answer = bytes('x'.repeat(isChat ? 40 : 8));
    total += prompt + answer.length;
    bench.submit(`${name}/${turn}`, { prompt, answer });
  };
  const look = (): void => {
    for (const event of bench.events.slice(seen)) {
      const [name = '', turn] = event.id.split('/');
      if (event.type === 'finished') begin(name, Number(turn) + 1);
      if (event.type !== 'chunk' || !name.startsWith('chat')) continue;
      const last = lastAt.get(event.id);
      if (last !== undefined) gaps.push(bench.now - last);
      lastAt.set(event.id, bench.now);
    }
    seen = bench.events.length;
  };
  bench.batch.during = () => {
    look();
    const items = (bench.batch.runs.at(-1) ?? []).map(
      ({ sequence, tokens }) => [sequence, tokens.length] as const,
    );
    const sum = items.reduce((all, [, some]) => all + some, 0);
    bench.now += machine.passMs * passes(new Map(items)) + machine.tokenMs * sum;
  };
  for (let chat = 0; chat < chats; chat++) begin(`chat${chat}`, 0);
  begin('long-a', 0);
  begin('long-b', 0);
  await bench.idle();
  gaps.sort((a, b) => a - b);
  return {
    tokensPerSecond: (total / bench.now) * 1000,
    gapP99Ms: gaps[Math.floor(gaps.length * 0.99)] ?? 0,
  };
}

describe('long prompts that join short chats', () => {
  // A small model on one core, a larger one, and a graphics card.
  it.each([
    { passMs: 2, tokenMs: 1 },
    { passMs: 5, tokenMs: 2 },
    { passMs: 15, tokenMs: 0.05 },
  ])('keep to the target gap at the best throughput that it allows: %j', async (machine) => {
    const fixed = await Promise.all([16, 32, 64, 128, 256, 512].map((most) => traffic(machine, most, 0)));
    const adaptive = await traffic(machine, 512, 100);
    expect(adaptive.gapP99Ms).toBeLessThanOrEqual(105);
    const best = Math.max(...fixed.map(({ tokensPerSecond }) => tokensPerSecond));
    const alike = fixed
      .filter(({ gapP99Ms }) => gapP99Ms <= 105)
      .map(({ tokensPerSecond }) => tokensPerSecond);
    expect(adaptive.tokensPerSecond).toBeGreaterThanOrEqual(0.99 * Math.max(...alike));
    // What the short gaps cost: more passes over the weights.
    expect(adaptive.tokensPerSecond).toBeGreaterThanOrEqual(0.9 * best);
  });
});
