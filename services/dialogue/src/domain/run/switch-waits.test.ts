import { Deadline, ParleyError, systemClock } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { beingSwitched, SwitchWaits } from './switch-waits.ts';
import type { StartWait } from './switch-waits.ts';

const counts: number[] = [];
const waiter = new SwitchWaits(systemClock, (count) => counts.push(count));
const { signal } = new AbortController();

/** Answers with each of these in turn, then with the model. */
function answering(...waits: StartWait[]): () => Promise<string> {
  return () => {
    const wait = waits.shift();
    return wait === undefined ? Promise.resolve('the model') : Promise.reject(beingSwitched(wait));
  };
}

describe('a start whose model is being switched', () => {
  it('waits, and tells each time why and how long', async () => {
    const told: StartWait[] = [];
    const waits = [
      { stage: 'old finishes its answers', estimateMs: 900 },
      { stage: 'new: loading weights 40 %', estimateMs: 400 },
    ];
    const scope = {
      deadline: Deadline.in(5_000),
      signal,
      onWait: (wait: StartWait) => told.push(wait),
    };
    expect(await waiter.until(answering(...waits), scope)).toBe('the model');
    expect(told).toEqual(waits);
    expect(counts).toEqual([1, 0]);
  });

  it('is refused at once when its time is shorter than what is expected, with the time to try again', async () => {
    const scope = { deadline: Deadline.in(5_000), signal };
    const refused = waiter.until(answering({ stage: 'new: loading', estimateMs: 60_000 }), scope);
    await expect(refused).rejects.toMatchObject({ code: 'model_not_ready', retryAfterMs: 60_000 });
  });

  it('does not wait longer than two minutes, however much time it has', async () => {
    let now = 0;
    const scope = {
      deadline: Deadline.in(3_600_000),
      signal,
    };
    const slow = new SwitchWaits({ now: () => (now += 61_000) }, () => undefined);
    const stage = { stage: 'new: loading', estimateMs: 1_000 };
    await expect(slow.until(answering(stage, stage, stage), scope)).rejects.toMatchObject({
      code: 'model_not_ready',
    });
  });

  it('ends when its caller leaves, and with every other error', async () => {
    const left = new AbortController();
    const scope = { deadline: Deadline.in(5_000), signal: left.signal, onWait: () => left.abort() };
    const waiting = waiter.until(answering({ stage: 'new: loading', estimateMs: 100 }), scope);
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    const other = new ParleyError('model_not_ready', 'It loads.', { retryAfterMs: 10 });
    const failing = waiter.until(() => Promise.reject(other), {
      deadline: Deadline.in(5_000),
      signal,
    });
    await expect(failing).rejects.toBe(other);
  });
});
