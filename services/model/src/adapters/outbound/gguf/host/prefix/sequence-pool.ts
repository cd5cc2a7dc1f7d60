import { blockTokens, noScope } from './cache-scope.ts';
import { TokenPrefix } from './token-prefix.ts';

/** The sequence an answer gets, and what of its prompt is there already. */
export interface Placement {
  readonly sequence: number;
  /** Tokens of the prompt that are kept or copied; what else the sequence holds must be cut off. */
  readonly keep: number;
  /** Where they are to be copied from first; undefined: they are in the sequence. */
  readonly copyFrom: number | undefined;
}

export interface SequencePoolOptions {
  readonly sequences: number;
  /** False: a sequence is always empty when it is given out. */
  readonly reuse: boolean;
  /** A copy moves a whole sequence's memory, so it must save at least so many tokens. At least a block. */
  readonly leastCopiedTokens?: number;
}

/** A sequence that nobody uses, and what is in it. */
export interface IdleSequence {
  readonly sequence: number;
  readonly held: TokenPrefix;
  /** Rises whenever a sequence gets idle: the greatest was used last. */
  readonly usedAt: number;
}

interface Sequence {
  readonly id: number;
  held: TokenPrefix;
  busy: boolean;
  /** Nothing of what it holds may be kept once it is idle. */
  forgotten: boolean;
  /** Rises with each release; the smallest was idle longest. */
  usedAt: number;
}

/**
 * The sequences of a context and what each of them holds. An answer gets the sequence that its conversation left
 * behind, else an idle one into which the longest known beginning of its prompt is copied.
 */
export class SequencePool {
  readonly #sequences: readonly Sequence[];
  readonly #reuse: boolean;
  readonly #leastCopied: number;
  #releases = 0;

  constructor({ sequences, reuse, leastCopiedTokens = blockTokens }: SequencePoolOptions) {
    this.#reuse = reuse;
    this.#leastCopied = Math.max(blockTokens, leastCopiedTokens);
    this.#sequences = Array.from({ length: sequences }, (_, id) => ({
      id,
      held: new TokenPrefix(noScope),
      busy: false,
      forgotten: false,
      usedAt: 0,
    }));
  }

  get hasIdle(): boolean {
    return this.#sequences.some(({ busy }) => !busy);
  }

  /** Makes a sequence busy; undefined when all are. At least one token of the prompt is left to read. */
  take(prompt: TokenPrefix): Placement | undefined {
    const idle = this.#sequences.filter(({ busy }) => !busy);
    const [victim] = idle.toSorted((a, b) => costOfLoss(a) - costOfLoss(b) || a.id - b.id);
    if (victim === undefined) return undefined;
    const placement = this.#reuse ? this.#place(prompt, victim) : fresh(victim.id);
    const taken = this.#at(placement.sequence);
    taken.busy = true;
    taken.forgotten = false;
    taken.held = prompt.headFor(prompt.scope, placement.keep);
    return placement;
  }

  /** Sequences that hold something and are not in use. */
  get idle(): IdleSequence[] {
    return this.#sequences
      .filter(({ busy, held }) => !busy && held.length > 0)
      .map(({ id, held, usedAt }) => ({ sequence: id, held, usedAt }));
  }

  /** How many tokens of a prompt some sequence begins with. */
  known(prompt: TokenPrefix): number {
    return Math.max(0, ...this.#sequences.map(({ held }) => held.commonWith(prompt)));
  }

  /** A busy sequence was filled with the first `length` tokens of its prompt. */
  fill(sequence: number, prompt: TokenPrefix, length: number): void {
    this.#at(sequence).held = prompt.headFor(prompt.scope, length);
  }

  /** Nobody can reuse any more what a scope has left; what is running leaves nothing. */
  forget(own: string): void {
    for (const entry of this.#sequences) {
      if (entry.held.scope.own !== own) continue;
      if (entry.busy) entry.forgotten = true;
      else entry.held = new TokenPrefix(noScope);
    }
  }

  /** Says that a busy sequence holds more tokens now. */
  grow(sequence: number, tokens: Uint32Array): void {
    this.#at(sequence).held.append(tokens);
  }

  /** A sequence was emptied. */
  drop(sequence: number): void {
    const entry = this.#at(sequence);
    entry.held = new TokenPrefix(entry.held.scope);
  }

  /** Makes a sequence idle. @returns how many of its first tokens are worth keeping; the rest must be cut off. */
  release(sequence: number): number {
    const entry = this.#at(sequence);
    const kept = this.#reuse && !entry.forgotten ? entry.held.reusableTokens : 0;
    if (kept < entry.held.length) entry.held = entry.held.headFor(entry.held.scope, kept);
    entry.busy = false;
    entry.usedAt = ++this.#releases;
    return kept;
  }

  #place(prompt: TokenPrefix, victim: Sequence): Placement {
    const most = prompt.length - 1;
    const common = ({ held }: Sequence): number => Math.min(most, held.commonWith(prompt));
    const own = common(victim);
    let best = victim;
    let bestCommon = own;
    for (const sequence of this.#sequences) {
      const shared = common(sequence);
      if (shared > bestCommon || (shared === bestCommon && shared > 0 && isBetter(sequence, best))) {
        best = sequence;
        bestCommon = shared;
      }
    }
    // A prompt that goes on with what is there stays there; one that shares its beginning leaves that to its owner.
    const goesOn = !best.busy && best.held.length - bestCommon <= bestCommon;
    if (best === victim || goesOn) return { sequence: best.id, keep: bestCommon, copyFrom: undefined };
    if (bestCommon - own < this.#leastCopied) return { sequence: victim.id, keep: own, copyFrom: undefined };
    return { sequence: victim.id, keep: bestCommon, copyFrom: best.id };
  }

  #at(id: number): Sequence {
    const sequence = this.#sequences[id];
    if (sequence === undefined) throw new Error(`There is no sequence ${id}.`);
    return sequence;
  }
}

function fresh(sequence: number): Placement {
  return { sequence, keep: 0, copyFrom: undefined };
}

/** Empty ones go first, low ids before others: ids in use that stand together keep batches whole. Then the oldest. */
function costOfLoss({ held, usedAt }: Sequence): number {
  return held.length === 0 ? 0 : usedAt;
}

/** Of two that hold as much of a prompt: an idle one, and of these the one that loses less. */
function isBetter(a: Sequence, b: Sequence): boolean {
  if (a.busy !== b.busy) return !a.busy;
  return a.held.length < b.held.length;
}
