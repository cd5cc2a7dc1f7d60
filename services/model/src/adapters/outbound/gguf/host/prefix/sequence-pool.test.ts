import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequencePool } from './sequence-pool.ts';
import { TokenPrefix } from './token-prefix.ts';

/** A prompt of letters, each of which stands for `length` tokens. */
function prompt(letters: string, own = 'acme', length = 100): TokenPrefix {
  const tokens = Array.from(Buffer.from(letters)).flatMap((letter) => Array.from({ length }, () => letter));
  return TokenPrefix.of({ own, shared: '', sharedTokens: 0 }, Uint32Array.from(tokens));
}

/** Answers a prompt; `answer` is what is read and made beyond it. */
function answer(pool: SequencePool, letters: string, own?: string, said = ''): number | undefined {
  const whole = prompt(letters + said, own);
  const placement = pool.take(prompt(letters, own));
  if (placement === undefined) return undefined;
  const { keep, sequence } = placement;
  pool.grow(sequence, whole.tokens.subarray(keep));
  pool.release(sequence);
  return keep;
}

describe('the sequences of a context', () => {
  it('go on with a conversation where it was left, whatever came between', () => {
    const pool = new SequencePool({ sequences: 4, reuse: true });
    answer(pool, 'sa', 'acme', 'A');
    answer(pool, 'xyz', 'other');
    expect(pool.take(prompt('saAb'))).toEqual({ sequence: 0, keep: 300, copyFrom: undefined });
  });

  it('leave a token to read of a prompt that they know wholly', () => {
    const pool = new SequencePool({ sequences: 1, reuse: true });
    answer(pool, 'sa');
    expect(pool.take(prompt('sa'))?.keep).toBe(199);
  });

  it('copy a beginning that belongs to another conversation, also to one that still runs', () => {
    const pool = new SequencePool({ sequences: 3, reuse: true });
    answer(pool, 'sabcd');
    expect(pool.take(prompt('sx'))).toEqual({ sequence: 1, keep: 100, copyFrom: 0 });
    pool.grow(1, prompt('x').tokens);
    expect(pool.take(prompt('sxy'))).toEqual({ sequence: 2, keep: 200, copyFrom: 1 });
  });

  it('do not copy less than it is worth', () => {
    const pool = new SequencePool({ sequences: 2, reuse: true, leastCopiedTokens: 200 });
    answer(pool, 'sabcd');
    expect(pool.take(prompt('sx'))).toEqual({ sequence: 1, keep: 0, copyFrom: undefined });
  });

  it('give up what was used longest ago, and never what is in use', () => {
    const pool = new SequencePool({ sequences: 2, reuse: true });
    answer(pool, 'ab');
    answer(pool, 'cd');
    answer(pool, 'abe');
    expect(pool.take(prompt('xy'))?.sequence).toBe(1);
    expect(pool.take(prompt('xyz'))?.sequence).toBe(0);
    expect(pool.take(prompt('q'))).toBeUndefined();
  });

  it('hold nothing where reuse is off, and start with the lowest', () => {
    const pool = new SequencePool({ sequences: 3, reuse: false });
    answer(pool, 'ab');
    expect(pool.take(prompt('ab'))).toEqual({ sequence: 0, keep: 0, copyFrom: undefined });
    expect(pool.take(prompt('ab'))?.sequence).toBe(1);
  });

  it('are given to one at a time, and never hand one tenant what another left', () => {
    const move = fc.record({
      letters: fc.stringMatching(/^[ab]{1,4}$/),
      own: fc.constantFrom('one', 'two'),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (moves, sequences) => {
        const pool = new SequencePool({ sequences, reuse: true });
        const held = new Map<number, { letters: string; own: string }>();
        const busy: number[] = [];
        for (const { letters, own, ends } of moves) {
          const [oldest] = busy;
          if ((ends || busy.length === sequences) && oldest !== undefined) {
            pool.release(oldest);
            busy.shift();
          }
          const wanted = prompt(letters, own);
          const placement = pool.take(wanted);
          if (placement === undefined) throw new Error('there was a free one');
          const { sequence, keep, copyFrom } = placement;
          expect(busy).not.toContain(sequence);
          const source = held.get(copyFrom ?? sequence);
          if (keep > 0) expect(source?.own).toBe(own);
          const there = prompt(source?.letters ?? '', own).tokens;
          expect(wanted.tokens.subarray(0, keep)).toEqual(there.subarray(0, keep));
          pool.grow(sequence, wanted.tokens.subarray(keep));
          held.set(sequence, { letters, own });
          busy.push(sequence);
        }
      }),
      { numRuns: 200 },
    );
  });
});
