import { Deadline, ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { RunningTurns } from './running-turns.ts';
import { StreamSlots } from './stream-slots.ts';

describe('the running turns of a process', () => {
  it('are bounded over all protocols', () => {
    const running = new RunningTurns(new StreamSlots(1));
    {
      using _turn = running.begin();
      expect(() => running.begin()).toThrow(expect.objectContaining({ code: 'overloaded' }));
    }
    using _next = running.begin();
  });

  it('are waited for at shutdown', async () => {
    const running = new RunningTurns(new StreamSlots(2));
    const turn = running.begin();
    const drained = running.drain(Deadline.in(60_000), new AbortController().signal);
    turn[Symbol.dispose]();
    await drained;
    expect(turn.controller.signal.aborted).toBe(false);
  });

  it('are told how to go on when the time is over', async () => {
    const running = new RunningTurns(new StreamSlots(2));
    const own = new AbortController();
    const turn = running.begin(own);
    own.signal.addEventListener('abort', () => turn[Symbol.dispose]());
    await running.drain(Deadline.in(0), new AbortController().signal);
    expect(own.signal.reason).toBeInstanceOf(ParleyError);
    expect(own.signal.reason).toMatchObject({ code: 'unavailable', retryable: true });
    expect((own.signal.reason as ParleyError).message).toContain('starting_after');
  });
});
