import { tileTokens } from './prompt-slices.ts';

export interface PromptBudgetOptions {
  /** Prompt tokens that a step reads at most. */
  readonly most: number;
  /** What the gap between two tokens of a running answer should not exceed, in milliseconds; 0 = it does not matter. */
  readonly targetGapMs: number;
}

/** What is going on when a step is planned. */
export interface StepLoad {
  /** Answers that get a token in the step. */
  readonly decoding: number;
  /** Requests without a slot, for each slot. */
  readonly queuedPerSlot: number;
}

/** A step that was made. */
export interface StepTaken extends StepLoad {
  readonly promptTokens: number;
  /** From the end of the step before to its own: the gap that running answers saw. */
  readonly ms: number;
}

/** A step that reads less costs more in overhead than it saves in waiting. */
const leastTokens = 32;
/** A machine that misses the target even with the least slice reads a whole tile, unless that takes so many targets. */
const mostTargets = 10;
/** Gaps scatter around what is aimed at; so most of them stay below the target. */
const aim = 0.85;
/** Share of a step's time that prompts get in any case: with nobody in the queue, and with a queue as long as the slots. */
const idleShare = 1 / 3;
const queuedShare = 0.5;
/** How far a single step may move the budget: one that was held up by something else is soon forgotten. */
const [mostDown, mostUp] = [0.5, 1.25];
const newest = 0.2;

/**
 * How many prompt tokens a step reads. While answers run, as many as keep the gap between their tokens at the target,
 * found by what steps take; more where a step without any prompt comes near it by itself, the more the longer the queue;
 * and as many as are read well where it cannot be kept.
 * While none runs, as many as there may be.
 */
export class PromptBudget {
  readonly #most: number;
  readonly #least: number;
  readonly #targetGapMs: number;
  #tokens: number;
  /** Mean time of steps that read no prompt; undefined until there was one. */
  #decodeMs: number | undefined;
  /** Mean time that a token of a prompt adds to a step. */
  #promptMs: number | undefined;

  constructor({ most, targetGapMs }: PromptBudgetOptions) {
    this.#most = most;
    this.#least = Math.min(most, leastTokens);
    this.#targetGapMs = targetGapMs;
    this.#tokens = Math.max(this.#least, most / 2);
  }

  /** Tokens that the next step may read. */
  next({ decoding }: StepLoad): number {
    if (decoding === 0 || this.#targetGapMs === 0) return this.#most;
    return Math.floor(this.#tokens);
  }

  /** Learns from a step. */
  observe(step: StepTaken): void {
    const { decoding, promptTokens, ms } = step;
    if (decoding === 0 || this.#targetGapMs === 0 || !(ms > 0)) return;
    if (promptTokens === 0) {
      this.#decodeMs = mean(this.#decodeMs, ms);
      return;
    }
    const gapMs = this.#gapMs(step);
    const isFull = promptTokens >= Math.floor(this.#tokens) * 0.75;
    if (isFull) this.#promptMs = mean(this.#promptMs, Math.max(0, ms - (this.#decodeMs ?? 0)) / promptTokens);
    if (!isFull && ms <= gapMs) return;
    const from = isFull ? this.#tokens : promptTokens;
    const change = Math.min(mostUp, Math.max(mostDown, gapMs / ms));
    this.#tokens = Math.min(this.#most, Math.max(this.#leastFor(gapMs), from * change));
  }

  #leastFor(gapMs: number): number {
    const stepMs = (tokens: number): number => (this.#decodeMs ?? 0) + tokens * (this.#promptMs ?? 0);
    const isLost = stepMs(this.#least) > gapMs / aim;
    return isLost && stepMs(tileTokens) <= mostTargets * this.#targetGapMs ? tileTokens : this.#least;
  }

  /** What a step may take now. */
  #gapMs({ queuedPerSlot }: StepLoad): number {
    const share = idleShare + (queuedShare - idleShare) * Math.min(1, queuedPerSlot);
    return Math.max(this.#targetGapMs * aim, (this.#decodeMs ?? 0) / (1 - share));
  }
}

function mean(before: number | undefined, now: number): number {
  return before === undefined ? now : before + newest * (now - before);
}
