import type { ErrorCode } from '@parley/kernel';
import type { StepFigures } from '../../../../ports/engine.ts';
import type { AnswerEvent } from '../host-protocol.ts';
import { RunningAnswer } from './answer-job.ts';
import type { AnswerJob, AnswerPiece, Vocabulary } from './answer-job.ts';
import { slicePrompts } from './prompt-slices.ts';
import type { BatchItem, Sampled, StepBatch, TokenSampler } from './step-batch.ts';
import { WaitingLine } from './waiting-line.ts';

/** What a step has to say about one job. Every job ends with exactly one `finished` or `failed`. */
export type StepEvent =
  | Extract<AnswerEvent, { readonly type: 'chunk' | 'finished' }>
  | { readonly type: 'failed'; readonly id: string; readonly code: ErrorCode; readonly message: string };

export interface StepperOptions<Sampler extends TokenSampler> {
  readonly batch: StepBatch<Sampler>;
  readonly vocabulary: Vocabulary;
  readonly slots: number;
  readonly maxQueued: number;
  readonly promptTokensPerStep: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Called once per step with all it has to say; `figures` is undefined when nothing was decoded. */
  readonly emit: (events: readonly StepEvent[], figures: StepFigures | undefined) => void;
}

interface QueuedJob<Sampler extends TokenSampler> {
  readonly id: string;
  readonly priority: number;
  readonly job: AnswerJob<Sampler>;
  readonly since: number;
}

/**
 * Runs all answers of one context. Each step decodes one token of every running answer and a slice of the prompts
 * that are still being read, samples, says what came out, and then looks at cancellations, deadlines and the queue.
 */
export class Stepper<Sampler extends TokenSampler> {
  readonly #options: StepperOptions<Sampler>;
  readonly #waiting = new WaitingLine<QueuedJob<Sampler>>();
  /** In order of admission. */
  readonly #running = new Map<string, RunningAnswer<Sampler>>();
  readonly #freeSequences: number[];
  #events: StepEvent[] = [];
  #stepping: Promise<void> | undefined;

  constructor(options: StepperOptions<Sampler>) {
    this.#options = options;
    this.#freeSequences = Array.from({ length: options.slots }, (_, index) => index);
  }

  get running(): number {
    return this.#running.size;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  /** Queues a job; false when the queue is full, and then nothing is ever said about it. */
  submit(job: AnswerJob<Sampler>): boolean {
    const entry = { id: job.id, priority: job.priority, job, since: this.#options.now() };
    if (this.running + this.queued >= this.#options.slots + this.#options.maxQueued) return false;
    this.#waiting.add(entry);
    this.#stepping ??= this.#run();
    return true;
  }

  /** Ends a job: at once when it waits, after the step that runs now otherwise. Unknown ids are ignored. */
  cancel(id: string): void {
    if (this.#waiting.remove(id) !== undefined) {
      this.#options.emit([cancelledEvent(id)], undefined);
      return;
    }
    const answer = this.#running.get(id);
    if (answer !== undefined) answer.cancelled = true;
  }

  /** Ends every job; resolves when no step runs any more. */
  async stop(): Promise<void> {
    const waiting = this.#waiting.removeAll(() => true);
    this.#options.emit(
      waiting.map(({ id }) => cancelledEvent(id)),
      undefined,
    );
    for (const answer of this.#running.values()) answer.cancelled = true;
    await this.#stepping;
  }

  async #run(): Promise<void> {
    // The first step starts after the caller's own turn, so that requests that arrive together share a batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (;;) {
      this.#admit();
      const figures = this.#running.size === 0 ? undefined : await this.#step();
      this.#sweep();
      this.#flush(figures);
      if (this.#running.size === 0 && this.#waiting.length === 0) break;
    }
    this.#stepping = undefined;
  }

  /** Ends what was cancelled or is too late. */
  #sweep(): void {
    const now = this.#options.now();
    for (const { id } of this.#waiting.removeAll(({ job }) => isLate(job, now)))
      this.#events.push(lateEvent(id));
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

  #admit(): void {
    for (;;) {
      const sequence = this.#freeSequences[0];
      const next = sequence === undefined ? undefined : this.#waiting.next();
      if (sequence === undefined || next === undefined) return;
      const { job, since } = next;
      const now = this.#options.now();
      if (isLate(job, now)) {
        this.#events.push(lateEvent(job.id));
        continue;
      }
      try {
        this.#running.set(job.id, new RunningAnswer(job, sequence, job.openSampler(), now - since));
        this.#freeSequences.shift();
      } catch (error) {
        this.#events.push(failedEvent(job.id, error));
      }
    }
  }

  async #step(): Promise<StepFigures> {
    const answers = [...this.#running.values()];
    const items = this.#plan(answers);
    let sampled: readonly Sampled[];
    try {
      sampled = await this.#options.batch.run(items.map(({ item }) => item));
    } catch (error) {
      for (const { answer } of items) this.#fail(answer, failedEvent(answer.job.id, error));
      return { sequences: items.length, tokens: 0 };
    }
    let tokens = 0;
    for (const [index, { answer, item }] of items.entries()) {
      tokens += item.tokens.length;
      answer.advance(item.tokens.length);
      this.#take(answer, sampled[index]);
    }
    return { sequences: items.length, tokens };
  }

  #plan(
    answers: readonly RunningAnswer<Sampler>[],
  ): { answer: RunningAnswer<Sampler>; item: BatchItem<Sampler> }[] {
    const reading = answers.filter((answer) => answer.unreadTokens > 0);
    const slices = slicePrompts(reading, this.#options.promptTokensPerStep);
    const sliceOf = new Map(reading.map((answer, index) => [answer, slices[index] ?? 0]));
    return answers
      .filter((answer) => sliceOf.get(answer) !== 0)
      .sort((a, b) => a.sequence - b.sequence)
      .map((answer) => {
        const slice = sliceOf.get(answer) ?? 0;
        const item = {
          sequence: answer.sequence,
          position: answer.position,
          tokens: answer.nextTokens(slice),
          sampler: slice === answer.unreadTokens ? answer.sampler : undefined,
        };
        return { answer, item };
      });
  }

  #take(answer: RunningAnswer<Sampler>, sampled: Sampled): void {
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
    const { outputTokens, queueMs } = answer;
    this.#events.push({ type: 'finished', id, reason: ended, outputTokens, queueMs });
  }

  #fail(answer: RunningAnswer<Sampler>, event: StepEvent): void {
    this.#release(answer);
    this.#events.push(event);
  }

  #release(answer: RunningAnswer<Sampler>): void {
    this.#running.delete(answer.job.id);
    answer.sampler[Symbol.dispose]();
    this.#options.batch.clear(answer.sequence);
    // Low ids first: the ids in use stay close together, which keeps batches whole.
    const behind = this.#freeSequences.findLastIndex((other) => other < answer.sequence);
    this.#freeSequences.splice(behind + 1, 0, answer.sequence);
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

function cancelledEvent(id: string): StepEvent {
  return { type: 'failed', id, code: 'cancelled', message: 'The request was cancelled.' };
}

function lateEvent(id: string): StepEvent {
  return {
    type: 'failed',
    id,
    code: 'deadline_exceeded',
    message: 'The time allowed was over before the first token.',
  };
}

function failedEvent(id: string, error: unknown): StepEvent {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    type: 'failed',
    id,
    code: 'engine_failed',
    message: `The engine could not go on with this answer: ${reason}`,
  };
}
