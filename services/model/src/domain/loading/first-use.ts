import { ParleyError, sleep, toParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { EngineAbilities } from '../../ports/engine.ts';
import type { ModelIdentity } from '../../ports/model-events.ts';
import { Arrival } from './arrival.ts';
import type { WaitProgress } from './arrival.ts';
import type { IdleModels } from './idle-models.ts';
import { memoryOf } from '../models/known-model.ts';
import type { KnownModel } from '../models/known-model.ts';
import { LoadBreaker } from './load-breaker.ts';
import { comesOnUse } from './load-policy.ts';
import { isShortOfMemory, missingBytes } from '../memory/memory-admission.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { ModelSlot } from '../models/model-slot.ts';
import { slotPatience } from '../models/slot-patience.ts';

/** What callers of a model need to know before they ask it, or that it is on its way. */
type Resolution =
  | {
      readonly model: ModelIdentity;
      readonly contextTokens: number;
      readonly abilities: EngineAbilities;
      readonly waiting?: undefined;
    }
  /** `estimateMs` is never 0. */
  | { readonly waiting: WaitProgress };

/** What first use needs. */
export interface FirstUseParts {
  readonly registry: ModelRegistry;
  readonly idle: IdleModels;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: Clock;
  /** A caller waits so long for a model at most. */
  readonly maxWaitMs: number;
  /** How often those who wait are told, and looks are taken. */
  readonly lookEveryMs: number;
}

const { assumedLoadMs } = slotPatience;
/** A model that needs the room of busy ones waits so long for one of them to rest. */
const roomWaitMs = 60_000;
/** Whoever was told to ask again does so within this time, or not at all. */
const forsakenMs = 2_000;

/** Leads callers to models; one that comes on use is loaded while they wait. */
export class FirstUse {
  readonly #parts: FirstUseParts;
  readonly #arrivals = new Map<KnownModel, Arrival>();
  readonly #breakers = new Map<KnownModel, LoadBreaker>();

  constructor(parts: FirstUseParts) {
    this.#parts = parts;
  }

  /**
   * What an alias, a name or a digest means now. A model that comes on use and is not there yet begins to load; whoever
   * asks is told to ask again, and soon: a load that nobody waits for gets no room made for it.
   * @throws ParleyError `model_not_found`; `model_not_ready` with the reason and the time to try again.
   */
  async resolve(named: string, signal: AbortSignal): Promise<Resolution> {
    const model = this.#parts.registry.find(named);
    if (!comesOnUse(model.definition)) return inUse(this.#parts.registry.resolve(named));
    const there = thereAlready(model);
    if (there !== undefined) return inUse(there);
    const arrival = this.#arrival(model);
    requirePlace(model, arrival);
    using _place = arrival.join();
    const { lookEveryMs } = this.#parts;
    const slot = await soon(arrival.slot, lookEveryMs, signal);
    if (slot !== undefined) return inUse(slot);
    signal.throwIfAborted();
    const { stage, estimateMs } = arrival.progress;
    return { waiting: { stage, estimateMs: Math.max(lookEveryMs, estimateMs) } };
  }

  /** The slot that can answer, waited for. @throws ParleyError `model_not_found`, `model_not_ready`, `overloaded`. */
  async slot(named: string, signal: AbortSignal): Promise<ModelSlot> {
    const model = this.#parts.registry.find(named);
    if (!comesOnUse(model.definition)) return this.#parts.registry.resolve(named);
    const waiting = this.#wait(model, signal);
    for (;;) {
      const step = await waiting.next();
      if (step.done === true) return step.value;
    }
  }

  /**
   * The slot that holds exactly these weights; tells how far it is while it is waited for.
   * @throws ParleyError `model_not_here`, `model_not_ready`, `overloaded` when too many wait; the signal's reason.
   */
  async *holding(digest: string, signal: AbortSignal): AsyncGenerator<WaitProgress, ModelSlot> {
    const model = this.#parts.registry.holder(digest);
    const { slot } = model;
    const isOpen = slot?.state.phase === 'draining' && !slot.state.closed;
    if (slot !== undefined && (!comesOnUse(model.definition) || isOpen)) return slot;
    const arrived = yield* this.#wait(model, signal);
    // The file may be another one now.
    return arrived.identity.digest === digest ? arrived : yield* this.holding(digest, signal);
  }

  async *#wait(model: KnownModel, signal: AbortSignal): AsyncGenerator<WaitProgress, ModelSlot> {
    const there = thereAlready(model);
    if (there !== undefined) return there;
    const arrival = this.#arrival(model);
    requirePlace(model, arrival);
    using _place = arrival.join();
    const { maxWaitMs, lookEveryMs, clock } = this.#parts;
    const until = clock.now() + maxWaitMs;
    for (;;) {
      yield arrival.progress;
      const slot = await soon(arrival.slot, lookEveryMs, signal);
      if (slot !== undefined) return slot;
      signal.throwIfAborted();
      if (clock.now() >= until) throw this.#notReady(model, arrival.progress.stage, assumedLoadMs);
    }
  }

  /** One for all who ask at the same time. @throws ParleyError `model_not_ready` while the model rests. */
  #arrival(model: KnownModel): Arrival {
    const coming = this.#arrivals.get(model);
    if (coming !== undefined) return coming;
    const breaker = this.#breaker(model);
    if (breaker.restMs > 0 && !model.alive) throw this.#notReady(model, breaker.reason, breaker.restMs);
    const arrival = new Arrival(model.name, this.#parts.clock, (it) => this.#bring(model, it));
    this.#arrivals.set(model, arrival);
    const forget = (): void => void this.#arrivals.delete(model);
    arrival.slot.then(forget, forget);
    return arrival;
  }

  async #bring(model: KnownModel, arrival: Arrival): Promise<ModelSlot> {
    const breaker = this.#breaker(model);
    try {
      const slot = await this.#load(model, arrival);
      breaker.succeeded();
      return slot;
    } catch (thrown) {
      const error = toParleyError(thrown);
      // What is away or wants room is tried again by itself, or as soon as somebody asks.
      const isBroken = !model.alive && !isShortOfMemory(error);
      if (isBroken) breaker.failed(error.message);
      throw this.#notReady(model, error.message, breaker.restMs || assumedLoadMs, error);
    }
  }

  async #load(model: KnownModel, arrival: Arrival): Promise<ModelSlot> {
    const { closing } = this.#parts.registry;
    for (;;) {
      closing.throwIfAborted();
      await model.gone();
      const slot = model.open();
      const unfollow = slot.follow((load) => arrival.loading(load));
      try {
        await slot.settled(closing);
        return slot;
      } catch (error) {
        if (!isShortOfMemory(error) || !(await this.#roomMade(model, missingBytes(error), arrival)))
          throw error;
      } finally {
        unfollow();
      }
    }
  }

  /** Waits for others to rest while somebody waits for this one; false when not enough can be had. */
  async #roomMade(model: KnownModel, missing: number, arrival: Arrival): Promise<boolean> {
    const { idle, clock, registry, lookEveryMs } = this.#parts;
    if (missing > memoryOf(idle.others(model))) return false;
    const until = clock.now() + roomWaitMs;
    while ((await idle.makeRoom(model)) === undefined) {
      if (idle.others(model).length === 0 || arrival.forsakenMs >= forsakenMs || clock.now() >= until)
        return false;
      arrival.held('waiting for memory that busy models hold');
      await sleep(lookEveryMs, registry.closing);
    }
    return true;
  }

  #breaker(model: KnownModel): LoadBreaker {
    const known = this.#breakers.get(model) ?? new LoadBreaker(this.#parts.clock);
    this.#breakers.set(model, known);
    return known;
  }

  #notReady({ name }: KnownModel, reason: string, retryAfterMs: number, cause?: ParleyError): ParleyError {
    const message = `Model "${name}" is not ready: ${reason.replace(/\.$/, '')}.`;
    return new ParleyError('model_not_ready', message, { retryAfterMs, cause });
  }
}

function thereAlready({ slot }: KnownModel): ModelSlot | undefined {
  if (slot?.state.phase !== 'ready') return undefined;
  slot.ready();
  return slot;
}

function inUse(slot: ModelSlot): Resolution {
  const { contextTokens, abilities } = slot.ready();
  return { model: slot.identity, contextTokens, abilities };
}

/** As many as the model will take, and no more, wait for it. */
function requirePlace({ name, definition }: KnownModel, { waiting }: Arrival): void {
  if (waiting < definition.slots + definition.maxQueued) return;
  const message = `${waiting} requests wait for model "${name}" to be loaded, which is its limit.`;
  throw new ParleyError('overloaded', message, { retryAfterMs: assumedLoadMs });
}

/** What comes within a short time, or undefined. */
async function soon<T>(coming: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  const over = new AbortController();
  try {
    const pause = sleep(ms, AbortSignal.any([signal, over.signal])).catch(() => undefined);
    return await Promise.race([coming, pause.then(() => undefined)]);
  } finally {
    over.abort();
  }
}
