import type { CacheScope } from '../../../../../ports/cache-scope.ts';
import type { EndReason } from '../../../../../ports/engine.ts';
import type { TokenSampler } from '../step/step-batch.ts';
import { AnswerText } from './answer-text.ts';
import type { Slot } from '../step/sequence-slots.ts';

/** One answer to generate, its prompt read and checked. */
export interface AnswerJob<Sampler extends TokenSampler> {
  readonly id: string;
  readonly prompt: Uint32Array;
  /** Who may reuse what is read of the prompt and made of the answer. */
  readonly scope: CacheScope;
  /** Tenants take turns in the queue. */
  readonly tenant: string;
  readonly maxOutputTokens: number;
  readonly stop: readonly string[];
  readonly priority: number;
  /** On the scheduler's clock, in milliseconds; undefined = none. */
  readonly deadlineAt: number | undefined;
  /** Called when the job gets its slot, because a sampler takes memory of the vocabulary's size. */
  openSampler(): Sampler;
}

/** What a vocabulary says about a token. */
export interface Vocabulary {
  bytesOf(token: number): Uint8Array;
  /** Whether the token ends an answer. */
  isEnd(token: number): boolean;
}

/** Text that a step added to an answer. */
export interface AnswerPiece {
  readonly text: string;
  readonly tokenIds: readonly number[];
  /** Set when the answer has ended. */
  readonly ended: EndReason | undefined;
}

/** An answer in a slot: where its sequence stands and which text it has given. */
export class RunningAnswer<Sampler extends TokenSampler> {
  readonly job: AnswerJob<Sampler>;
  readonly sequence: number;
  readonly sampler: Sampler;
  readonly queueMs: number;
  /** Tokens of the prompt that were in the slot already. */
  readonly reusedTokens: number;
  /** Where they were. */
  readonly reusedFrom: Slot['from'];
  /** When it got its slot. */
  readonly since: number;
  cancelled = false;
  readonly #text: AnswerText;
  #position: number;
  #outputTokens = 0;
  /** The token sampled last, which the next step decodes. */
  #next: number | undefined;

  constructor(
    job: AnswerJob<Sampler>,
    slot: Slot,
    sampler: Sampler,
    times: { queueMs: number; since: number },
  ) {
    this.job = job;
    this.sequence = slot.sequence;
    this.reusedTokens = slot.reused;
    this.reusedFrom = slot.from;
    this.#position = slot.reused;
    this.sampler = sampler;
    this.queueMs = times.queueMs;
    this.since = times.since;
    this.#text = new AnswerText(job.stop);
  }

  get outputTokens(): number {
    return this.#outputTokens;
  }

  get position(): number {
    return this.#position;
  }

  get unreadTokens(): number {
    return Math.max(0, this.job.prompt.length - this.#position);
  }

  /** The tokens of the next step: the last one sampled, or up to `slice` of the prompt. */
  nextTokens(slice: number): Uint32Array {
    if (this.#next !== undefined) return Uint32Array.of(this.#next);
    return this.job.prompt.subarray(this.#position, this.#position + slice);
  }

  /** Says that `count` tokens are decoded. */
  advance(count: number): void {
    this.#position += count;
  }

  /** Takes the token that follows. */
  accept(token: number, vocabulary: Vocabulary): AnswerPiece {
    if (vocabulary.isEnd(token)) return this.end('stop');
    this.#outputTokens++;
    this.#next = token;
    const { text, tokenIds, stopped } = this.#text.push(token, vocabulary.bytesOf(token));
    if (stopped) return { text, tokenIds, ended: 'stop' };
    if (this.#outputTokens < this.job.maxOutputTokens) return { text, tokenIds, ended: undefined };
    const rest = this.end('length');
    return { text: text + rest.text, tokenIds: [...tokenIds, ...rest.tokenIds], ended: 'length' };
  }

  /** Ends the answer with what was held back. */
  end(reason: EndReason): AnswerPiece {
    const { text, tokenIds } = this.#text.end();
    return { text, tokenIds, ended: reason };
  }
}
