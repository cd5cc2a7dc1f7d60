import { ParleyError } from '@parley/kernel';
import { FairQueue } from './fair-queue.ts';
import type { Queued } from './fair-queue.ts';
import { WaitEstimate } from './wait-estimate.ts';

/** A request that asks for a slot. */
export interface Waiting extends Queued {
  /** On the queue's clock, in milliseconds; undefined = none. */
  readonly deadlineAt: number | undefined;
}

export interface AdmissionLimits {
  readonly model: string;
  readonly slots: number;
  /** Requests that wait at most. */
  readonly maxRequests: number;
  /** Tokens that those may have together; absent: no limit of their own. */
  readonly maxTokens?: number;
  /** Whoever would wait longer is refused; absent: only those whose own time is over by then. */
  readonly maxWaitMs?: number;
}

/** How full the slots are. */
export interface SlotsInUse {
  readonly free: number;
  /** Tokens that running answers are likely to read and make yet. */
  readonly tokensLeft: number;
}

/** What became of a request: it waits, and whoever made room for it does so no more; or it is refused. */
export type Admitted<Job> =
  | { readonly refusal: ParleyError }
  | { readonly refusal: undefined; readonly evicted: readonly Job[] };

const leastRetryMs = 500;

/**
 * The line before a model's slots: bounded in requests, tokens and time, fair between tenants. A request that would
 * wait beyond its deadline is refused at once; where the line is full, the newest request of the tenant that has most
 * in it makes room for one of a tenant that has less.
 */
export class AdmissionQueue<Job extends Waiting> {
  readonly estimate: WaitEstimate;
  readonly #limits: AdmissionLimits;
  readonly #line = new FairQueue<Job>();

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
    this.estimate = new WaitEstimate(limits.slots);
  }

  get length(): number {
    return this.#line.length;
  }

  /** Puts a request into the line, unless it is refused. */
  submit(job: Job, slots: SlotsInUse, now: number): Admitted<Job> {
    const startsAtOnce = slots.free > this.#line.length;
    const refusal = startsAtOnce ? undefined : this.#tooLong(job, slots, now);
    if (refusal !== undefined) return { refusal };
    const evicted = startsAtOnce
      ? []
      : this.#line.makeRoom(job, (requests, tokens) => this.#hasRoom(job, requests - slots.free, tokens));
    if (evicted === undefined) return { refusal: this.full(slots) };
    this.#line.add(job);
    return { refusal: undefined, evicted };
  }

  /** What a request is refused with that finds no room. */
  full({ tokensLeft }: SlotsInUse): ParleyError {
    const { model, slots } = this.#limits;
    const message = `Model "${model}" has ${slots} slots and ${this.length} requests waiting, which is its limit.`;
    return overloaded(message, this.estimate.waitMs(tokensLeft));
  }

  next(now: number): Job | undefined {
    return this.#line.next(now);
  }

  remove(id: string): Job | undefined {
    return this.#line.remove(id);
  }

  removeAll(matches: (job: Job) => boolean): Job[] {
    return this.#line.removeAll(matches);
  }

  /** @param requests those that have no free slot to go to */
  #hasRoom({ tokens }: Job, requests: number, waitingTokens: number): boolean {
    const { maxRequests, maxTokens = Number.POSITIVE_INFINITY } = this.#limits;
    // A request that is longer than the line may be by itself has it for itself.
    return requests < maxRequests && (requests <= 0 || waitingTokens + tokens <= maxTokens);
  }

  #tooLong(job: Job, { tokensLeft }: SlotsInUse, now: number): ParleyError | undefined {
    const { model, maxWaitMs = Number.POSITIVE_INFINITY } = this.#limits;
    const waitMs = this.estimate.waitMs(tokensLeft + this.#line.tokensBefore(job, now));
    const patienceMs = Math.min(maxWaitMs, (job.deadlineAt ?? Number.POSITIVE_INFINITY) - now);
    // One whose time is over is ended by whoever looks at deadlines.
    if (patienceMs <= 0 || waitMs <= patienceMs) return undefined;
    const seconds = Math.ceil(waitMs / 1000);
    const message = `Model "${model}" would begin with this request in about ${seconds} s, which is too late for it.`;
    return overloaded(message, waitMs - patienceMs);
  }
}

function overloaded(message: string, retryAfterMs: number): ParleyError {
  return new ParleyError('overloaded', message, { retryAfterMs: Math.max(leastRetryMs, retryAfterMs) });
}
