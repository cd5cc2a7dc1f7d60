import { toParleyError } from '@parley/kernel';
import type { Clock, Deadline, ParleyError } from '@parley/kernel';
import type { CacheScope, CacheTier } from '../../ports/cache-scope.ts';
import type { EndReason, EngineRequest, EngineUpdate } from '../../ports/engine.ts';
import type { AnswerEvents, ModelIdentity } from '../../ports/model-events.ts';
import { effectiveSampling, effectiveStop } from './call-profile.ts';
import { checkAnswerRequest } from './check-answer-request.ts';
import type { AnswerRequest } from './check-answer-request.ts';
import type { WaitProgress } from '../loading/arrival.ts';
import type { FirstUse } from '../loading/first-use.ts';
import type { ModelSlot } from '../models/model-slot.ts';
import { ownedScope } from './owned-scope.ts';
import { requireTools } from './require-tools.ts';

/** Where an answer's time went, in milliseconds. */
interface AnswerTimings {
  readonly queueMs: number;
  /** 0 when there was no token. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

/** What a caller hears: progress while the model is loaded for it, `started`, chunks, then `finished`. */
export type AnswerUpdate =
  | ({ readonly type: 'progress' } & WaitProgress)
  | { readonly type: 'started'; readonly model: ModelIdentity; readonly inputTokens: number }
  | Extract<EngineUpdate, { readonly type: 'chunk' | 'tool-call' }>
  | {
      readonly type: 'finished';
      readonly reason: EndReason;
      readonly inputTokens: number;
      readonly outputTokens: number;
      /** The part of `inputTokens` that was reused. */
      readonly cachedTokens: number;
      readonly timings: AnswerTimings;
    };

/** Who calls, how long it is there, and how long it wants to wait. */
export interface AnswerScope {
  /** Absent: one for all who say nothing. */
  readonly tenant?: string;
  readonly signal: AbortSignal;
  readonly deadline?: Deadline;
}

/** The engine stops so much before the caller's deadline, so that what it made still arrives in time. */
const deadlineMarginMs = 50;

/** Generates answers: checks, admission, the engine, and what is reported about each. */
export class Answers {
  readonly #use: FirstUse;
  readonly #events: AnswerEvents;
  readonly #clock: Clock;

  constructor(use: FirstUse, events: AnswerEvents, clock: Clock) {
    this.#use = use;
    this.#events = events;
    this.#clock = clock;
  }

  /**
   * One answer. Aborting the scope's signal, or leaving the iteration, frees the slot within one decode step.
   * @throws ParleyError for everything that keeps it from an end.
   */
  async *generate(request: AnswerRequest, scope: AnswerScope): AsyncGenerator<AnswerUpdate, void> {
    checkAnswerRequest(request);
    const slot = yield* this.#slot(request.digest, scope);
    const course = new Course(slot.identity, this.#clock);
    slot.admission.enter();
    try {
      const model = slot.ready();
      if (request.tools !== undefined) requireTools(slot.identity.name, model.abilities);
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

  async *#slot(digest: string, { signal, deadline }: AnswerScope): AsyncGenerator<AnswerUpdate, ModelSlot> {
    const waiting = this.#use.holding(digest, signal);
    for (;;) {
      const step = await waiting.next();
      if (step.done === true) return step.value;
      deadline?.check('The request');
      yield { type: 'progress', ...step.value };
    }
  }
}

function engineRequest(
  request: AnswerRequest,
  { definition }: ModelSlot,
  { deadline, tenant = '' }: AnswerScope,
): EngineRequest {
  deadline?.check('The request');
  const { profile } = definition;
  return {
    messages: request.messages,
    sampling: effectiveSampling(request.sampling, profile),
    asked: Object.keys(request.sampling) as (keyof typeof request.sampling)[],
    form: request.form,
    ...(request.tools === undefined ? {} : { tools: request.tools }),
    maxOutputTokens: request.maxOutputTokens,
    stop: effectiveStop(request.stop, profile),
    priority: request.priority,
    tenant,
    ...(request.cache === undefined ? {} : { cache: cacheOf(request.cache, request, tenant) }),
    ...(deadline === undefined
      ? {}
      : { timeLimitMs: Math.max(1, deadline.remainingMs() - deadlineMarginMs) }),
  };
}

/**
 * Whatever a scope is called, it is its tenant's alone. Functions are the caller's own, and templates may put them
 * before everything else: then there is nothing that others could share.
 */
function cacheOf(cache: CacheScope, { tools }: AnswerRequest, tenant: string): CacheScope {
  const own = ownedScope(tenant, cache.own);
  return tools === undefined ? { ...cache, own } : { own, shared: '', sharedTokens: 0 };
}

/** What is known about one answer as it goes on. */
class Course {
  readonly #model: ModelIdentity;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #firstTokenMs: number | undefined;
  #inputTokens = 0;
  #outputTokens = 0;
  #cachedTokens = 0;
  #cachedFrom: CacheTier = 'elsewhere';
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
      case 'tool-call':
        this.#firstTokenMs ??= this.elapsedMs;
        this.#outputTokens += update.tokenIds.length;
        return update;
      case 'finished': {
        const { reason, inputTokens, outputTokens, queueMs, cachedTokens = 0, cachedFrom } = update;
        this.#outputTokens = outputTokens;
        this.#cachedTokens = cachedTokens;
        this.#cachedFrom = cachedFrom ?? 'elsewhere';
        this.#errorCode = '';
        const timings = { queueMs, firstTokenMs: this.#firstTokenMs ?? 0, totalMs: this.elapsedMs };
        return { type: 'finished', reason, inputTokens, outputTokens, cachedTokens, timings };
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
      cachedTokens: this.#cachedTokens,
      cachedFrom: this.#cachedFrom,
      firstTokenMs: this.#firstTokenMs,
      totalMs: this.elapsedMs,
    };
  }
}
