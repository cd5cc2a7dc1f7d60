import type { ParleyError } from '@parley/kernel';
import type { StepFigures } from '../../../../../ports/load-progress.ts';
import { AdmissionQueue } from '../../../engine-parts/admission-queue.ts';
import type { AdmissionLimits, SlotsInUse, Waiting } from '../../../engine-parts/admission-queue.ts';
import { RunningAnswer } from '../answer/answer-job.ts';
import type { AnswerJob, AnswerPiece, Vocabulary } from '../answer/answer-job.ts';
import type { KeptBeginnings } from '../prefix/kept-beginnings.ts';
import type { IdleSequence } from '../prefix/sequence-pool.ts';
import { TokenPrefix } from '../prefix/token-prefix.ts';
import { PromptBudget } from './prompt-budget.ts';
import { SequenceSlots } from './sequence-slots.ts';
import type { Sampled, StepBatch, TokenSampler } from './step-batch.ts';
import { cancelledEvent, failedEvent, lateEvent, refusedEvent } from '../answer/step-events.ts';
import type { StepEvent } from '../answer/step-events.ts';
import { planStep } from './step-plan.ts';
import type { PlannedStep } from './step-plan.ts';

export interface StepperOptions<Sampler extends TokenSampler> {
  readonly batch: StepBatch<Sampler>;
  readonly vocabulary: Vocabulary;
  /** Who may wait; how many run at once. */
  readonly admission: AdmissionLimits;
  /** Of each slot. */
  readonly contextTokens: number;
  readonly promptTokensPerStep: number;
  /** What the gap between two tokens of a running answer should not exceed, in milliseconds; 0 = it does not matter. */
  readonly targetGapMs: number;
  /** Beginnings of prompts that outlive the context; absent: none do. */
  readonly kept?: KeptBeginnings | undefined;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Called once per step with all it has to say; `figures` is undefined when nothing was decoded. */
  readonly emit: (events: readonly StepEvent[], figures: StepFigures | undefined) => void;
}

interface QueuedJob<Sampler extends TokenSampler> extends Waiting {
  readonly job: AnswerJob<Sampler>;
}

/**
 * Runs all answers of one context. Each step decodes one token of every running answer and a slice of the prompts
 * that are still being read, samples, says what came out, and then looks at cancellations, deadlines and the queue.
 */
export class Stepper<Sampler extends TokenSampler> {
  readonly #options: StepperOptions<Sampler>;
  readonly #queue: AdmissionQueue<QueuedJob<Sampler>>;
  /** In order of admission. */
  readonly #running = new Map<string, RunningAnswer<Sampler>>();
  readonly #slots: SequenceSlots;
  readonly #budget: PromptBudget;
  #steps = 0;
  /** The job that gets its slot just now. */
  #opening: { readonly id: string; cancelled: boolean } | undefined;
  #events: StepEvent[] = [];
  #stepping: Promise<void> | undefined;

  constructor(options: StepperOptions<Sampler>) {
    this.#options = options;
    const { admission, batch, contextTokens, promptTokensPerStep, targetGapMs, kept } = options;
    this.#queue = new AdmissionQueue(admission);
    this.#slots = new SequenceSlots(batch, admission.slots, contextTokens, kept);
    this.#budget = new PromptBudget({ most: promptTokensPerStep, targetGapMs });
  }

  get running(): number {
    return this.#running.size + (this.#opening === undefined ? 0 : 1);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Queues a job. @returns what it is refused with; then nothing is ever said about it. */
  submit(job: AnswerJob<Sampler>): ParleyError | undefined {
    const since = this.#options.now();
    const { id, tenant, priority, deadlineAt } = job;
    const tokens = job.prompt.length + this.#queue.estimate.outputTokens(job.maxOutputTokens);
    const admitted = this.#queue.submit(
      { id, tenant, priority, deadlineAt, tokens, since, job },
      this.#inUse(),
      since,
    );
    if (admitted.refusal !== undefined) return admitted.refusal;
    const refusal = this.#queue.full(this.#inUse());
    const evicted = admitted.evicted.map((entry) => refusedEvent(entry.id, refusal));
    if (evicted.length > 0) this.#options.emit(evicted, undefined);
    this.#stepping ??= this.#run();
    return undefined;
  }

  /** Ends a job: at once when it waits, after the step that runs now otherwise. Unknown ids are ignored. */
  cancel(id: string): void {
    if (this.#queue.remove(id) !== undefined) {
      this.#options.emit([cancelledEvent(id)], undefined);
      return;
    }
    if (this.#opening?.id === id) this.#opening.cancelled = true;
    const answer = this.#running.get(id);
    if (answer !== undefined) answer.cancelled = true;
  }

  /** What sequences hold that no job uses. */
  get idleSequences(): IdleSequence[] {
    return this.#slots.idle;
  }

  /** How many tokens of a prompt were read already. */
  known(prompt: TokenPrefix): number {
    return this.#slots.known(prompt);
  }

  /** Nobody can reuse any more what a scope has left. */
  forget(own: string): void {
    this.#slots.forget(own);
  }

  /**
   * Does something with the context while no job needs it; jobs that come meanwhile wait for its end.
   * @returns false where one needs it: then nothing was done
   * @throws what `work` throws
   */
  async whileAtRest(work: () => Promise<void>): Promise<boolean> {
    if (this.#stepping !== undefined) return false;
    const rested = Promise.withResolvers<void>();
    this.#stepping = rested.promise;
    try {
      await work();
    } finally {
      this.#stepping = this.#queue.length > 0 ? this.#run() : undefined;
      rested.resolve();
    }
    return true;
  }

  /** Ends every job; resolves when no step runs any more. */
  async stop(): Promise<void> {
    const waiting = this.#queue.removeAll(() => true);
    this.#options.emit(
      waiting.map(({ id }) => cancelledEvent(id)),
      undefined,
    );
    if (this.#opening !== undefined) this.#opening.cancelled = true;
    for (const answer of this.#running.values()) answer.cancelled = true;
    await this.#stepping;
  }

  async #run(): Promise<void> {
    // The first step starts after the caller's own turn, so that requests that arrive together share a batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (;;) {
      const startedAt = this.#options.now();
      await this.#admit();
      const figures = this.#running.size === 0 ? undefined : await this.#step(startedAt);
      this.#sweep();
      this.#flush(figures);
      if (this.#running.size === 0 && this.#queue.length === 0) break;
    }
    this.#stepping = undefined;
  }

  /** Ends what was cancelled or is too late. */
  #sweep(): void {
    const now = this.#options.now();
    for (const { id } of this.#queue.removeAll((job) => isLate(job, now))) this.#events.push(lateEvent(id));
    for (const answer of this.#running.values()) {
      if (answer.cancelled) {
        this.#release(answer);
        this.#events.push(cancelledEvent(answer.job.id));
      } else if (isLate(answer.job, now)) {
        if (answer.outputTokens === 0) this.#fail(answer, lateEvent(answer.job.id));
        else this.#tell(answer, answer.end('deadline'));
      }
    }
  }

  async #admit(): Promise<void> {
    while (this.#slots.hasIdle) {
      const next = this.#queue.next(this.#options.now());
      if (next === undefined) return;
      if (isLate(next, this.#options.now())) this.#events.push(lateEvent(next.id));
      else await this.#open(next);
    }
  }

  async #open({ job, since }: QueuedJob<Sampler>): Promise<void> {
    let sampler: Sampler | undefined;
    const opening = { id: job.id, cancelled: false };
    this.#opening = opening;
    try {
      sampler = job.openSampler();
      const slot = await this.#slots.open(TokenPrefix.of(job.scope, job.prompt));
      const now = this.#options.now();
      const answer = new RunningAnswer(job, slot, sampler, { queueMs: now - since, since: now });
      answer.cancelled = opening.cancelled;
      this.#running.set(job.id, answer);
    } catch (error) {
      sampler?.[Symbol.dispose]();
      this.#events.push(failedEvent(job.id, error));
    } finally {
      this.#opening = undefined;
    }
  }

  async #step(startedAt: number): Promise<StepFigures> {
    const load = { decoding: this.#decoding(), queuedPerSlot: this.queued / this.#options.admission.slots };
    const planned = planStep([...this.#running.values()], this.#budget.next(load), this.#steps++);
    const sequences = planned.length;
    let sampled: readonly Sampled[];
    try {
      sampled = await this.#options.batch.run(planned.map(({ item }) => item));
    } catch (error) {
      for (const { answer } of planned) this.#lose(answer, failedEvent(answer.job.id, error));
      return { sequences, tokens: 0 };
    }
    const tokens = planned.reduce((sum, { item }) => sum + item.tokens.length, 0);
    const ms = this.#options.now() - startedAt;
    this.#budget.observe({ ...load, promptTokens: tokens - load.decoding, ms });
    for (const [index, step] of planned.entries()) this.#take(step, sampled[index]);
    return { sequences, tokens };
  }

  #take({ answer, item }: PlannedStep<Sampler>, sampled: Sampled): void {
    this.#slots.grow(item.sequence, item.tokens);
    answer.advance(item.tokens.length);
    if (sampled === undefined) return;
    if (sampled instanceof Error) return this.#fail(answer, failedEvent(answer.job.id, sampled));
    // A cancelled answer says nothing more; the sweep that follows ends it.
    if (answer.cancelled) return;
    this.#tell(answer, answer.accept(sampled, this.#options.vocabulary));
  }

  #tell(answer: RunningAnswer<Sampler>, { text, tokenIds, ended }: AnswerPiece): void {
    const { id } = answer.job;
    if (text !== '' || tokenIds.length > 0) this.#events.push({ type: 'chunk', id, text, tokenIds });
    if (ended === undefined) return;
    this.#release(answer);
    const { outputTokens, queueMs, reusedTokens, reusedFrom } = answer;
    this.#events.push({
      type: 'finished',
      id,
      reason: ended,
      outputTokens,
      queueMs,
      cachedTokens: reusedTokens,
      ...(reusedFrom === undefined ? {} : { cachedFrom: reusedFrom }),
    });
  }

  #fail(answer: RunningAnswer<Sampler>, event: StepEvent): void {
    this.#release(answer);
    this.#events.push(event);
  }

  /** Ends an answer of whose sequence nothing is certain any more. */
  #lose(answer: RunningAnswer<Sampler>, event: StepEvent): void {
    this.#end(answer);
    this.#slots.lose(answer.sequence);
    this.#events.push(event);
  }

  #release(answer: RunningAnswer<Sampler>): void {
    this.#end(answer);
    this.#slots.close(answer.sequence);
  }

  #end(answer: RunningAnswer<Sampler>): void {
    this.#running.delete(answer.job.id);
    answer.sampler[Symbol.dispose]();
    const heldMs = this.#options.now() - answer.since;
    const { position: tokens, outputTokens } = answer;
    this.#queue.estimate.ended({ tokens, outputTokens, heldMs });
  }

  #inUse(): SlotsInUse {
    const { estimate } = this.#queue;
    let tokensLeft = 0;
    for (const { job, unreadTokens, outputTokens } of this.#running.values())
      tokensLeft += unreadTokens + Math.max(0, estimate.outputTokens(job.maxOutputTokens) - outputTokens);
    return { free: this.#options.admission.slots - this.running, tokensLeft };
  }

  #decoding(): number {
    return [...this.#running.values()].filter(({ unreadTokens }) => unreadTokens === 0).length;
  }

  #flush(figures: StepFigures | undefined): void {
    const events = this.#events;
    if (events.length === 0 && figures === undefined) return;
    this.#events = [];
    this.#options.emit(events, figures);
  }
}

function isLate({ deadlineAt }: { deadlineAt: number | undefined }, now: number): boolean {
  return deadlineAt !== undefined && deadlineAt <= now;
}
