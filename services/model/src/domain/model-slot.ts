import { ParleyError, sleep, toParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { Engine, LoadedModel, LoadProgress, ModelSpec } from '../ports/engine.ts';
import type { FileDigests } from '../ports/file-digests.ts';
import type { ModelEvents, ModelIdentity } from '../ports/model-events.ts';
import { Admission } from './admission.ts';
import type { ModelDefinition } from './model-definition.ts';

/** What callers find in a slot. */
export type SlotState =
  | { readonly phase: 'loading'; readonly reason: string; readonly retryAfterMs: number }
  | { readonly phase: 'ready'; readonly model: LoadedModel }
  | { readonly phase: 'failed'; readonly reason: string };

/** What a slot needs from outside. */
export interface SlotSurroundings {
  readonly digests: FileDigests;
  readonly events: ModelEvents;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: Clock;
  readonly promptTokensPerStep: number;
  /** A load that takes longer is given up. */
  readonly loadTimeoutMs: number;
}

/** After as many failed tries in a row a model is left alone: a file that kills its engine would kill its neighbours. */
const maxTries = 3;
const firstPauseMs = 250;
/** What a caller is told to wait while nothing is known about how long a load takes. */
const assumedLoadMs = 2000;
const failedRetryMs = 60_000;

/** One model: loads it, loads it again when its engine loses it, and says at any time whether it can answer. */
export class ModelSlot implements AsyncDisposable {
  readonly definition: ModelDefinition;
  readonly admission: Admission;
  readonly #engine: Engine;
  readonly #around: SlotSurroundings;
  readonly #closing = new AbortController();
  #state: SlotState = { phase: 'loading', reason: 'waiting for its turn', retryAfterMs: assumedLoadMs };
  #digest = '';
  #fileBytes = 0;
  #lastLoadMs = assumedLoadMs;
  #life: Promise<void> | undefined;

  constructor(definition: ModelDefinition, engine: Engine, around: SlotSurroundings) {
    this.definition = definition;
    this.#engine = engine;
    this.#around = around;
    this.admission = new Admission({
      model: definition.name,
      slots: definition.slots,
      maxQueued: definition.maxQueued,
      onChange: (use) => around.events.occupied(definition.name, use),
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

  /** The loaded model. @throws ParleyError `model_not_ready` with a reason and the time to try again. */
  ready(): LoadedModel {
    const state = this.#state;
    if (state.phase === 'ready') return state.model;
    const retryAfterMs = state.phase === 'failed' ? failedRetryMs : state.retryAfterMs;
    throw new ParleyError('model_not_ready', this.whyNotReady(), { retryAfterMs });
  }

  /** For people; '' when the model is ready. */
  whyNotReady(): string {
    const state = this.#state;
    return state.phase === 'ready' ? '' : `Model "${this.definition.name}" is not ready: ${state.reason}.`;
  }

  /** Begins to load; calling it again changes nothing. */
  start(): void {
    this.#around.events.occupied(this.definition.name, this.admission.use);
    this.#life ??= this.#live();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new ParleyError('cancelled', 'The service stops.'));
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
        if (!error.retryable || failures >= maxTries)
          return this.#enter({ phase: 'failed', reason: reasonOf(error) });
        const pauseMs = failures === 1 ? 0 : firstPauseMs * 2 ** failures;
        this.#enter({ phase: 'loading', reason: reasonOf(error), retryAfterMs: pauseMs + this.#lastLoadMs });
        await sleep(pauseMs, this.#closing.signal).catch(() => undefined);
      }
    }
  }

  /** One life of the model, from its load until its engine loses it (which is thrown) or the slot closes. */
  async #loadAndHold(onReady: () => void): Promise<void> {
    const { clock, events } = this.#around;
    const startedAt = clock.now();
    if (this.#state.phase !== 'loading' || this.#digest === '') {
      this.#enter({ phase: 'loading', reason: 'it is being loaded', retryAfterMs: this.#lastLoadMs });
    }
    await using model = await this.#load();
    const memory = await model.memory();
    this.#lastLoadMs = clock.now() - startedAt;
    onReady();
    this.#enter({ phase: 'ready', model });
    events.loaded({ model: this.identity, engine: this.#engine.name, loadMs: this.#lastLoadMs, memory });
    const lost = await Promise.race([model.lost, closed(this.#closing.signal)]);
    if (lost !== undefined) throw lost;
  }

  async #load(): Promise<LoadedModel> {
    const { digests, events, loadTimeoutMs } = this.#around;
    const timeout = AbortSignal.timeout(loadTimeoutMs);
    const signal = AbortSignal.any([this.#closing.signal, timeout]);
    try {
      const { sha256, bytes } = await digests.digest(this.definition.path, signal);
      this.#digest = sha256;
      this.#fileBytes = bytes;
      return await this.#engine.load(this.#spec(), {
        signal,
        onProgress: (progress) => this.#tellProgress(progress),
        onStep: (figures) => events.stepped(this.definition.name, figures),
      });
    } catch (error) {
      if (!timeout.aborted) throw error;
      const message = `Loading model "${this.definition.name}" took longer than ${loadTimeoutMs / 1000} s.`;
      throw new ParleyError('engine_failed', message, { cause: error, retryable: false });
    }
  }

  #tellProgress({ stage, share }: LoadProgress): void {
    const percent = share > 0 ? `, ${Math.round(share * 100)} %` : '';
    this.#state = { phase: 'loading', reason: `${stage}${percent}`, retryAfterMs: this.#lastLoadMs };
  }

  #spec(): ModelSpec {
    const { name, path, contextTokens, slots, maxQueued, profile } = this.definition;
    const { template, systemRole } = profile;
    return {
      name,
      path,
      contextTokens,
      slots,
      maxQueued,
      systemRole,
      promptTokensPerStep: this.#around.promptTokensPerStep,
      ...(template === undefined ? {} : { template }),
    };
  }

  #enter(state: SlotState): void {
    this.#state = state;
    this.#around.events.phaseChanged(this.definition.name, state.phase);
  }
}

function closed(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** Fits into "Model … is not ready: … ." */
function reasonOf({ message }: ParleyError): string {
  return message.replace(/\.$/, '');
}
