import { describe, expect, it } from 'vitest';
import { endToken } from './fake-step-batch.ts';
import { bytes, StepperBench } from './stepper-bench.ts';

describe('the stepper', () => {
  it('reads a prompt, then makes one token a step until the end', async () => {
    const bench = new StepperBench();
    bench.submit('a', { prompt: 3, answer: bytes('Hey') });
    await bench.idle();
    expect(bench.text('a')).toBe('Hey');
    expect(bench.end('a')).toMatchObject({ type: 'finished', reason: 'stop', outputTokens: 3 });
    expect(bench.batch.runs.map(([item]) => item?.tokens.length)).toEqual([3, 1, 1, 1]);
    expect(bench.batch.held).toEqual([]);
    expect(bench.samplers.every(({ disposed }) => disposed)).toBe(true);
  });

  it('reads a long prompt in slices while others go on', async () => {
    const bench = new StepperBench(2, 10, 8);
    bench.submit('short', { prompt: 2, answer: bytes('abcdefgh') });
    bench.submit('long', { prompt: 30, answer: bytes('z') });
    await bench.idle();
    const longSlices = bench.batch.runs.flatMap((items) => items.filter(({ sequence }) => sequence === 1));
    expect(longSlices.slice(0, 4).map(({ tokens }) => tokens.length)).toEqual([8, 8, 8, 6]);
    expect(bench.batch.runs.slice(1, 5).every((items) => items.length === 2)).toBe(true);
    expect(bench.text('short')).toBe('abcdefgh');
    expect(bench.text('long')).toBe('z');
  });

  it('says all of a step in one message', async () => {
    const bench = new StepperBench(4);
    for (const id of ['a', 'b', 'c', 'd']) bench.submit(id, { prompt: 2, answer: bytes('xy') });
    await bench.idle();
    expect(bench.messages).toHaveLength(bench.batch.runs.length);
    expect(bench.messages[0]?.events.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(bench.messages[0]?.figures).toEqual({ sequences: 4, tokens: 8 });
  });

  it('ends a cancelled answer with the step that runs', async () => {
    const bench = new StepperBench(1);
    bench.batch.during = (run) => {
      if (run === 3) bench.stepper.cancel('a');
    };
    bench.submit('a', { answer: bytes('abcdefghijkl') });
    bench.submit('b', { answer: bytes('ok') });
    await bench.idle();
    expect(bench.end('a')).toMatchObject({ type: 'failed', code: 'cancelled' });
    expect(bench.text('a')).toBe('ab');
    const [, , third, fourth] = bench.batch.runs;
    expect(third?.[0]?.position).toBe(4);
    expect(fourth?.[0]?.position).toBe(0);
    expect(bench.text('b')).toBe('ok');
  });

  it('stops a cancelled prompt between two slices', async () => {
    const bench = new StepperBench(1, 10, 8);
    bench.batch.during = (run) => {
      if (run === 2) bench.stepper.cancel('a');
    };
    bench.submit('a', { prompt: 800 });
    await bench.idle();
    expect(bench.batch.runs).toHaveLength(2);
  });

  it('lets go of a cancelled job that waits at once', async () => {
    const bench = new StepperBench(1);
    bench.batch.during = (run) => {
      if (run !== 1) return;
      bench.stepper.cancel('b');
      expect(bench.end('b')).toMatchObject({ type: 'failed', code: 'cancelled' });
    };
    bench.submit('a');
    bench.submit('b');
    await bench.idle();
    expect(bench.samplers).toHaveLength(1);
  });

  it('refuses a job beyond its slots and its queue, and says nothing more about it', async () => {
    const bench = new StepperBench(2, 1);
    expect(['a', 'b', 'c', 'd'].map((id) => bench.submit(id))).toEqual([true, true, true, false]);
    await bench.idle();
    expect(bench.end('d')).toBeUndefined();
    expect(bench.submit('e')).toBe(true);
    await bench.idle();
  });

  it('drops a job whose time is over before it costs a token', async () => {
    const bench = new StepperBench();
    bench.now = 100;
    bench.submit('late', { deadlineAt: 100 });
    await bench.idle();
    expect(bench.end('late')).toMatchObject({ type: 'failed', code: 'deadline_exceeded' });
    expect(bench.batch.runs).toHaveLength(0);
  });

  it('drops a job whose time runs out in the queue', async () => {
    const bench = new StepperBench(1);
    bench.batch.during = () => void (bench.now += 10);
    bench.submit('a', { answer: bytes('abcdefghij') });
    bench.submit('b', { deadlineAt: 25 });
    await bench.idle();
    expect(bench.end('b')).toMatchObject({ code: 'deadline_exceeded' });
    expect(bench.text('a')).toBe('abcdefghij');
  });

  it('ends an answer at its deadline with what there is', async () => {
    const bench = new StepperBench(1);
    bench.batch.during = () => void (bench.now += 10);
    bench.submit('a', { answer: bytes('abcdefghij'), deadlineAt: 35 });
    await bench.idle();
    expect(bench.end('a')).toMatchObject({ type: 'finished', reason: 'deadline', outputTokens: 4 });
    expect(bench.text('a')).toBe('abcd');
  });

  it('ends an answer at its token limit', async () => {
    const bench = new StepperBench();
    bench.submit('a', { answer: bytes('abcdef'), max: 2 });
    await bench.idle();
    expect(bench.text('a')).toBe('ab');
    expect(bench.end('a')).toMatchObject({ reason: 'length', outputTokens: 2 });
  });

  it('ends an answer before a stop string that spans tokens', async () => {
    const bench = new StepperBench();
    bench.submit('a', { answer: bytes('one ENDless'), stop: ['END'] });
    await bench.idle();
    expect(bench.text('a')).toBe('one ');
    expect(bench.end('a')).toMatchObject({ reason: 'stop' });
  });

  it('fails one answer alone when no token can be chosen for it', async () => {
    const bench = new StepperBench();
    bench.submit('a', { answer: [97, new Error('no token')] });
    bench.submit('b', { answer: bytes('fine') });
    await bench.idle();
    expect(bench.end('a')).toMatchObject({ type: 'failed', code: 'engine_failed' });
    expect(bench.text('b')).toBe('fine');
  });

  it('fails the answers of a batch that fails, and goes on with the next', async () => {
    const bench = new StepperBench(1);
    bench.batch.during = (run) => {
      if (run === 2) throw new Error('no room');
    };
    bench.submit('a', { answer: bytes('abc') });
    bench.submit('b', { answer: bytes('next') });
    await bench.idle();
    expect(bench.end('a')).toMatchObject({ code: 'engine_failed' });
    expect(bench.text('b')).toBe('next');
    expect(bench.batch.held).toEqual([]);
  });

  it('serves higher priority first, and equals in order', async () => {
    const bench = new StepperBench(1);
    bench.submit('first');
    bench.submit('second');
    bench.submit('urgent', { priority: 5 });
    bench.submit('third');
    await bench.idle();
    expect(bench.events.filter(({ type }) => type === 'finished').map(({ id }) => id)).toEqual([
      'urgent',
      'first',
      'second',
      'third',
    ]);
  });

  it('ends everything when it is stopped', async () => {
    const bench = new StepperBench(1);
    bench.batch.during = async (run) => {
      if (run === 2) void bench.stepper.stop();
    };
    bench.submit('a', { answer: bytes('abcdefgh') });
    bench.submit('b');
    await bench.idle();
    await bench.stepper.stop();
    expect(bench.end('a')).toMatchObject({ code: 'cancelled' });
    expect(bench.end('b')).toMatchObject({ code: 'cancelled' });
    expect(bench.batch.runs).toHaveLength(2);
  });

  it('keeps the end token out of the text', async () => {
    const bench = new StepperBench();
    bench.submit('a', { answer: [104, endToken, 105] });
    await bench.idle();
    expect(bench.text('a')).toBe('h');
  });
});
