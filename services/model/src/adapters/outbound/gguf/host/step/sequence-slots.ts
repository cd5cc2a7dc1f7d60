import { SequencePool } from '../prefix/sequence-pool.ts';
import type { TokenPrefix } from '../prefix/token-prefix.ts';
import type { StepBatch } from './step-batch.ts';

/** A copy moves a sequence's whole memory: it must save this share of the context, or a block, of reading. */
const copiedShare = 1 / 64;

type Batch = Pick<StepBatch<never>, 'clear' | 'reuse'>;

/** An answer's place in the context. */
export interface Slot {
  readonly sequence: number;
  /** Tokens of its prompt that are there already. */
  readonly reused: number;
}

/** Gives out the sequences of a context with what of a prompt they hold already. Never used while a batch runs. */
export class SequenceSlots {
  readonly #batch: Batch;
  readonly #pool: SequencePool;

  /** @param contextTokens of each sequence */
  constructor(batch: Batch, sequences: number, contextTokens: number) {
    this.#batch = batch;
    const leastCopiedTokens = Math.ceil(contextTokens * copiedShare);
    this.#pool = new SequencePool({ sequences, reuse: batch.reuse !== undefined, leastCopiedTokens });
  }

  get hasIdle(): boolean {
    return this.#pool.hasIdle;
  }

  /** Takes a sequence for a prompt. @throws Error when all are busy, or the context fails. */
  async open(prompt: TokenPrefix): Promise<Slot> {
    const placement = this.#pool.take(prompt);
    if (placement === undefined) throw new Error('all sequences are busy');
    const { sequence, keep, copyFrom } = placement;
    const { reuse } = this.#batch;
    try {
      if (copyFrom !== undefined) await reuse?.copy(copyFrom, sequence);
      if (keep > 0 && reuse?.cut(sequence, keep) === true) return { sequence, reused: keep };
      this.#empty(sequence);
      return { sequence, reused: 0 };
    } catch (error) {
      this.lose(sequence);
      throw error;
    }
  }

  /** Says that tokens were decoded. */
  grow(sequence: number, tokens: Uint32Array): void {
    this.#pool.grow(sequence, tokens);
  }

  /** Gives a sequence back; what somebody may want again stays in it. */
  close(sequence: number): void {
    const kept = this.#pool.release(sequence);
    if (kept > 0 && this.#batch.reuse?.cut(sequence, kept) === true) return;
    this.#batch.clear(sequence);
    this.#pool.drop(sequence);
  }

  /** Gives a sequence back of whose contents nothing is certain. */
  lose(sequence: number): void {
    this.#empty(sequence);
    this.#pool.release(sequence);
  }

  #empty(sequence: number): void {
    this.#batch.clear(sequence);
    this.#pool.drop(sequence);
  }
}
