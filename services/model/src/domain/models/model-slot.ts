import { ParleyError, sleep, toParleyError, untilAborted } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { Engine, LoadedModel, ModelMemory } from '../../ports/engine.ts';
import type { LoadProgress } from '../../ports/load-progress.ts';
import type { ModelEvents, ModelIdentity } from '../../ports/model-events.ts';
import { Admission } from './admission.ts';
import type { ModelDefinition } from './model-definition.ts';
import type { ModelLoader, Residency } from '../loading/model-loader.ts';
import { slotPatience } from './slot-patience.ts';
import type { SlotState } from './slot-state.ts';
import { termsWarning } from './terms-warning.ts';

/** What a slot needs from outside. */
export interface SlotSurroundings {
  readonly loader: ModelLoader;
  readonly events: ModelEvents;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: Clock;
}

const { maxTries, firstPauseMs, awayPauseMs, assumedLoadMs, failedRetryMs } = slotPatience;

/** One stay of a model in memory: loads it, loads it again when its engine loses it, and gives it back in the end. */
export class ModelSlot implements AsyncDisposable {
  /** Replaced only by one that needs no new load. */
  definition: ModelDefinition;
  readonly admission: Admission;
  readonly #engine: Engine;
  readonly #around: SlotSurroundings;
  readonly #closing = new AbortController();
  readonly #followers = new Set<(progress: LoadProgress) => void>();
  #state: SlotState = { phase: 'loading', reason: 'waiting for its turn', retryAfterMs: assumedLoadMs };
  #changed = Promise.withResolvers<void>();
  #digest = '';
  #fileBytes = 0;
  #lastLoadMs: number = assumedLoadMs;
  #memoryBytes = 0;
  #memory: ModelMemory | undefined;
  #lastUseAt = Number.NEGATIVE_INFINITY;
  /** When an answer began or ended, somebody was told of it, or it was loaded. */
  #usedAt = Number.NEGATIVE_INFINITY;
  #life: Promise<void> | undefined;

  constructor(definition: ModelDefinition, engine: Engine, around: SlotSurroundings) {
    this.definition = definition;
    this.#engine = engine;
    this.#around = around;
    this.admission = new Admission({
      slots: definition.slots,
      onChange: (use) => {
        this.#usedAt = around.clock.now();
        around.events.occupied(definition.name, use);
      },
    });
  }

  get state(): SlotState {
    return this.#state;
  }

  get identity(): ModelIdentity {
    return { name: this.definition.name, digest: this.#digest };
  }

  get fileBytes(): number {
    return this.#fileBytes;
  }

  /** What was set aside for it in memory; 0 while it was never loaded. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** How long its last load took, or 2 s. */
  get lastLoadMs(): number {
    return this.#lastLoadMs;
  }

  /** Whether it answers or will: one that is not alive is replaced by a new one. */
  get alive(): boolean {
    return this.#state.phase !== 'failed' && this.#state.phase !== 'unloaded';
  }

  /** Milliseconds since somebody was last told of it, who may be about to come with a request. */
  get idleMs(): number {
    return this.#around.clock.now() - this.#lastUseAt;
  }

  /** Milliseconds without an answer and without anybody who was told of it; -1 while one runs or waits. */
  get unusedMs(): number {
    const { busy, queued } = this.admission.use;
    return busy + queued > 0 ? -1 : this.#around.clock.now() - this.#usedAt;
  }

  /** The loaded model, also while it drains. @throws ParleyError `model_not_ready` with a reason and the time to try again. */
  ready(): LoadedModel {
    const state = this.#state;
    this.#lastUseAt = this.#around.clock.now();
    this.#usedAt = this.#lastUseAt;
    if (state.phase === 'ready' || state.phase === 'draining') return state.model;
    const retryAfterMs = state.phase === 'loading' ? state.retryAfterMs : failedRetryMs;
    throw new ParleyError('model_not_ready', this.whyNotReady(), { retryAfterMs });
  }

  /** For people; '' when the model is ready. */
  whyNotReady(): string {
    const state = this.#state;
    return state.phase === 'ready' ? '' : `Model "${this.definition.name}" is not ready: ${state.reason}.`;
  }

  /** Says again what it takes. */
  retell(): void {
    const { events } = this.#around;
    events.occupied(this.definition.name, this.admission.use);
    if (this.#memory !== undefined) events.memoryTaken(this.definition.name, this.#memory);
  }

  /** Begins to load; calling it again changes nothing. */
  start(): void {
    if (this.#life !== undefined) return;
    this.#around.events.occupied(this.definition.name, this.admission.use);
    this.#enter(this.#state);
    this.#life = this.#live();
  }

  /** Tells `listener` how the load goes on, until the returned function is called. */
  follow(listener: (progress: LoadProgress) => void): () => void {
    this.#followers.add(listener);
    return () => void this.#followers.delete(listener);
  }

  /** Resolves when it can answer. @throws ParleyError what it failed with or what is away; the signal's reason. */
  async settled(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const state = this.#state;
      if (state.phase === 'failed') throw state.error;
      if (state.phase === 'unloaded') throw new ParleyError('conflict', this.whyNotReady());
      if (state.phase !== 'loading') return;
      if (state.away !== undefined) throw state.away;
      await Promise.race([this.changed(), untilAborted(signal)]);
    }
  }

  /** Resolves when it enters another state. */
  changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Takes no new callers; those that know its digest still come until `close`. */
  drain(): void {
    const state = this.#state;
    if (state.phase !== 'ready') return;
    const reason = 'it is being unloaded';
    this.#enter({ phase: 'draining', reason, model: state.model, closed: false });
  }

  /** From now on only what is inside goes on. */
  close(): void {
    if (this.#state.phase === 'draining') this.#state = { ...this.#state, closed: true };
  }

  /** Takes callers again, if it was draining. */
  reopen(): void {
    if (this.#state.phase === 'draining') this.#enter({ phase: 'ready', model: this.#state.model });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // First of all, so that nobody opens again what is going.
    if (this.alive) this.#enter({ phase: 'unloaded', reason: 'it was unloaded' });
    this.#closing.abort(new ParleyError('cancelled', `Model "${this.definition.name}" is being unloaded.`));
    await this.#life;
  }

  async #live(): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted;) {
      try {
        await this.#loadAndHold(() => (failures = 0));
      } catch (thrown) {
        const error = toParleyError(thrown);
        if (this.#closing.signal.aborted) return;
        failures++;
        this.#around.events.failed(this.identity, error);
        const isAway = error.code === 'unavailable' && failures >= maxTries;
        if (!error.retryable || (failures >= maxTries && !isAway))
          return this.#enter({ phase: 'failed', reason: reasonOf(error), error });
        const pauseMs = failures === 1 ? 0 : Math.min(firstPauseMs * 2 ** failures, awayPauseMs);
        const retryAfterMs = pauseMs + this.#lastLoadMs;
        const away = isAway ? { away: error } : {};
        this.#enter({ phase: 'loading', reason: reasonOf(error), retryAfterMs, ...away });
        await sleep(pauseMs, this.#closing.signal).catch(() => undefined);
      }
    }
  }

  /** From a load until the engine loses the model (which is thrown) or the slot closes. */
  async #loadAndHold(onReady: () => void): Promise<void> {
    const { clock, events } = this.#around;
    const startedAt = clock.now();
    await using residency = await this.#load();
    const { model } = residency;
    const memory = await model.memory();
    if (this.#closing.signal.aborted) return;
    this.#lastLoadMs = clock.now() - startedAt;
    this.#memoryBytes = residency.bytes;
    this.#memory = memory;
    this.#usedAt = clock.now();
    onReady();
    this.#enter({ phase: 'ready', model });
    events.loaded({ model: this.identity, engine: this.#engine.name, loadMs: this.#lastLoadMs, memory });
    const warning = termsWarning(this.definition);
    if (warning !== undefined) events.warned(this.definition.name, warning);
    const lost = await Promise.race([model.lost, untilAborted(this.#closing.signal)]);
    if (lost !== undefined) throw lost;
  }

  #load(): Promise<Residency> {
    const { loader, events } = this.#around;
    return loader.load(this.definition, this.#engine, {
      signal: this.#closing.signal,
      onProgress: (progress) => this.#tellProgress(progress),
      onIdentified: ({ sha256, bytes }) => {
        this.#digest = sha256;
        this.#fileBytes = bytes;
      },
      onStep: (figures) => events.stepped(this.definition.name, figures),
    });
  }

  #tellProgress(progress: LoadProgress): void {
    const { stage, share } = progress;
    const percent = share > 0 ? `, ${Math.round(share * 100)} %` : '';
    if (this.#closing.signal.aborted) return;
    const isAway = this.#state.phase === 'loading' && this.#state.away !== undefined;
    // What is missing says more than how the next try goes.
    if (!isAway)
      this.#state = { phase: 'loading', reason: `${stage}${percent}`, retryAfterMs: this.#lastLoadMs };
    for (const follower of this.#followers) follower(progress);
  }

  #enter(state: SlotState): void {
    this.#state = state;
    this.#around.events.phaseChanged(this.definition.name, state.phase);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Fits into "Model … is not ready: … ." */
function reasonOf({ message }: ParleyError): string {
  return message.replace(/\.$/, '');
}
