import type { CacheTier } from '../../../../../ports/cache-scope.ts';
import type { KeptBeginnings } from '../prefix/kept-beginnings.ts';
import { SequencePool } from '../prefix/sequence-pool.ts';
import type { IdleSequence, Placement } from '../prefix/sequence-pool.ts';
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
  /** Where they were; absent: there are none. */
  readonly from?: CacheTier;
}

/** Gives out the sequences of a context with what of a prompt they hold already. Never used while a batch runs. */
export class SequenceSlots {
  readonly #batch: Batch;
  readonly #pool: SequencePool;
  readonly #kept: KeptBeginnings | undefined;
  /** Whether copies are still to be made: they are with the next batch, from what their source holds then. */
  #areCopiesDue = false;

  /**
   * @param contextTokens of each sequence
   * @param kept what outlives this context
   */
  constructor(batch: Batch, sequences: number, contextTokens: number, kept?: KeptBeginnings) {
    this.#batch = batch;
    this.#kept = kept;
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
    const { sequence, copyFrom } = placement;
    const { reuse } = this.#batch;
    try {
      const restored = await this.#restore(prompt, placement);
      if (restored === undefined) return { sequence, reused: 0 };
      if (restored === 0 && copyFrom !== undefined) {
        this.#areCopiesDue = true;
        await reuse?.copy(copyFrom, sequence);
      }
      const keep = Math.max(restored, placement.keep);
      if (keep > 0 && reuse?.cut(sequence, keep) === true) {
        const from = restored > 0 ? 'disk' : copyFrom === undefined ? 'sequence' : 'copy';
        return { sequence, reused: keep, from };
      }
      this.#empty(sequence);
      return { sequence, reused: 0 };
    } catch (error) {
      this.lose(sequence);
      throw error;
    }
  }

  /** What sequences hold that nobody uses; none of them while it is not certain. */
  get idle(): IdleSequence[] {
    return this.#areCopiesDue ? [] : this.#pool.idle;
  }

  /** How many tokens of a prompt are there. */
  known(prompt: TokenPrefix): number {
    return this.#pool.known(prompt);
  }

  /** Nobody can reuse any more what a scope has left. */
  forget(own: string): void {
    this.#pool.forget(own);
  }

  /** Says that tokens were decoded. */
  grow(sequence: number, tokens: Uint32Array): void {
    this.#areCopiesDue = false;
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

  /**
   * Fills a sequence from what is kept, where that is worth it.
   * @returns how many tokens of the prompt; 0: the sequence is as it was; undefined: it is empty
   */
  async #restore(prompt: TokenPrefix, { sequence, keep }: Placement): Promise<number | undefined> {
    // A copy that is yet to be made would overwrite the sequence, or take its new state for the old one.
    if (this.#kept === undefined || this.#areCopiesDue) return 0;
    try {
      const restored = await this.#kept.restore(sequence, prompt, keep);
      if (restored > 0) this.#pool.fill(sequence, prompt, restored);
      return restored;
    } catch {
      this.#empty(sequence);
      return undefined;
    }
  }

  #empty(sequence: number): void {
    this.#batch.clear(sequence);
    this.#pool.drop(sequence);
  }
}
