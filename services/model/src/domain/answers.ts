import { toParleyError } from '@parley/kernel';
import type { Clock, Deadline, ParleyError } from '@parley/kernel';
import type { EndReason, EngineRequest, EngineUpdate } from '../ports/engine.ts';
import type { AnswerEvents, ModelIdentity } from '../ports/model-events.ts';
import { effectiveSampling, effectiveStop } from './call-profile.ts';
import { checkAnswerRequest } from './check-answer-request.ts';
import type { AnswerRequest } from './check-answer-request.ts';
import type { ModelRegistry } from './model-registry.ts';
import type { ModelSlot } from './model-slot.ts';

/** Where an answer's time went, in milliseconds. */
interface AnswerTimings {
  readonly queueMs: number;
  /** 0 when there was no token. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

/** What a caller hears: `started`, chunks, then `finished`. */
export type AnswerUpdate =
  | { readonly type: 'started'; readonly model: ModelIdentity; readonly inputTokens: number }
  | { readonly type: 'chunk'; readonly text: string; readonly tokenIds: readonly number[] }
  | {
      readonly type: 'finished';
      readonly reason: EndReason;
      readonly inputTokens: number;
      readonly outputTokens: number;
      readonly timings: AnswerTimings;
    };

/** How long a caller is there, and how long it wants to wait. */
export interface AnswerScope {
  readonly signal: AbortSignal;
  readonly deadline?: Deadline;
}

/** The engine stops so much before the caller's deadline, so that what it made still arrives in time. */
const deadlineMarginMs = 50;

/** Generates answers: checks, admission, the engine, and what is reported about each. */
export class Answers {
  readonly #registry: ModelRegistry;
  readonly #events: AnswerEvents;
  readonly #clock: Clock;

  constructor(registry: ModelRegistry, events: AnswerEvents, clock: Clock) {
    this.#registry = registry;
    this.#events = events;
    this.#clock = clock;
  }

  /**
   * One answer. Aborting the scope's signal, or leaving the iteration, frees the slot within one decode step.
   * @throws ParleyError for everything that keeps it from an end.
   */
  async *generate(request: AnswerRequest, scope: AnswerScope): AsyncGenerator<AnswerUpdate, void> {
    checkAnswerRequest(request);
    const slot = this.#registry.holding(request.digest);
    const course = new Course(slot.identity, this.#clock);
    slot.admission.enter();
    try {
      const model = slot.ready();
      for await (const update of model.generate(engineRequest(request, slot, scope), scope.signal)) {
        yield course.take(update);
      }
    } catch (thrown) {
      const error = toParleyError(thrown);
      course.fail(error);
      throw error;
    } finally {
      slot.admission.leave(course.elapsedMs);
      this.#events.ended(course.report());
    }
  }
}

function engineRequest(
  request: AnswerRequest,
  { definition }: ModelSlot,
  { deadline }: AnswerScope,
): EngineRequest {
  deadline?.check('The request');
  const { profile } = definition;
  return {
    messages: request.messages,
    sampling: effectiveSampling(request.sampling, profile),
    asked: Object.keys(request.sampling) as (keyof typeof request.sampling)[],
    form: request.form,
    maxOutputTokens: request.maxOutputTokens,
    stop: effectiveStop(request.stop, profile),
    priority: request.priority,
    ...(deadline === undefined
      ? {}
      : { timeLimitMs: Math.max(1, deadline.remainingMs() - deadlineMarginMs) }),
  };
}

/** What is known about one answer as it goes on. */
class Course {
  readonly #model: ModelIdentity;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #firstTokenMs: number | undefined;
  #inputTokens = 0;
  #outputTokens = 0;
  /** An answer that nobody reads to its end was cancelled. */
  #errorCode = 'cancelled';

  constructor(model: ModelIdentity, clock: Clock) {
    this.#model = model;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  get elapsedMs(): number {
    return this.#clock.now() - this.#startedAt;
  }

  take(update: EngineUpdate): AnswerUpdate {
    switch (update.type) {
      case 'started':
        this.#inputTokens = update.inputTokens;
        return { type: 'started', model: this.#model, inputTokens: update.inputTokens };
      case 'chunk':
        this.#firstTokenMs ??= this.elapsedMs;
        this.#outputTokens += update.tokenIds.length;
        return update;
      case 'finished': {
        const { reason, inputTokens, outputTokens, queueMs } = update;
        this.#outputTokens = outputTokens;
        this.#errorCode = '';
        const timings = { queueMs, firstTokenMs: this.#firstTokenMs ?? 0, totalMs: this.elapsedMs };
        return { type: 'finished', reason, inputTokens, outputTokens, timings };
      }
    }
  }

  fail({ code }: ParleyError): void {
    this.#errorCode = code;
  }

  report(): Parameters<AnswerEvents['ended']>[0] {
    return {
      model: this.#model.name,
      errorCode: this.#errorCode,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      firstTokenMs: this.#firstTokenMs,
      totalMs: this.elapsedMs,
    };
  }
}
