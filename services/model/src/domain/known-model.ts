import { ParleyError } from '@parley/kernel';
import type { Engine } from '../ports/engine.ts';
import type { ModelIdentity } from '../ports/model-events.ts';
import type { ModelDefinition } from './model-definition.ts';
import { ModelSlot } from './model-slot.ts';
import type { SlotSurroundings } from './model-slot.ts';
import { slotPatience } from './slot-patience.ts';
import type { SlotState } from './slot-state.ts';

/** What is known about a model: nobody has loaded it yet, or what its slot says. */
export type ModelState = SlotState | { readonly phase: 'registered'; readonly reason: string };

/** A model that this process can have, and its slot while it has it. */
export class KnownModel {
  readonly definition: ModelDefinition;
  readonly engine: Engine;
  readonly #around: SlotSurroundings;
  readonly #registered: ModelState;
  #slot: ModelSlot | undefined;
  /** Since when it stays in memory for a rollback only; undefined = it is wanted for itself, or not there. */
  keptSince: number | undefined;

  constructor(definition: ModelDefinition, engine: Engine, around: SlotSurroundings) {
    this.definition = definition;
    this.engine = engine;
    this.#around = around;
    const reason = `it is not loaded; "parley models load ${definition.name}" loads it`;
    this.#registered = { phase: 'registered', reason };
    around.events.phaseChanged(definition.name, 'registered');
  }

  get name(): string {
    return this.definition.name;
  }

  get state(): ModelState {
    return this.#slot?.state ?? this.#registered;
  }

  /** Its present or last slot. */
  get slot(): ModelSlot | undefined {
    return this.#slot;
  }

  get alive(): boolean {
    return this.#slot?.alive === true;
  }

  get identity(): ModelIdentity {
    return this.#slot?.identity ?? { name: this.name, digest: this.definition.sha256 ?? '' };
  }

  /** The slot that is alive, open for callers; a new one that begins to load where there is none. */
  open(): ModelSlot {
    if (this.#slot?.alive === true) {
      this.#slot.reopen();
      return this.#slot;
    }
    this.#slot = new ModelSlot(this.definition, this.engine, this.#around);
    this.#slot.start();
    return this.#slot;
  }

  /** The slot for a caller that comes by name or alias. @throws ParleyError `model_not_ready`. */
  resolve(): ModelSlot {
    const slot = this.#slot;
    const isLeaving = slot?.state.phase === 'draining';
    if (slot === undefined || isLeaving) {
      const { failedRetryMs: retryAfterMs } = slotPatience;
      throw new ParleyError('model_not_ready', this.whyNotReady(), { retryAfterMs });
    }
    slot.ready();
    return slot;
  }

  /** For people; '' when the model is ready. */
  whyNotReady(): string {
    const { state } = this;
    return state.phase === 'ready' ? '' : `Model "${this.name}" is not ready: ${state.reason}.`;
  }

  /** Whether its slot may still answer requests for this digest. */
  holds(digest: string): boolean {
    const slot = this.#slot;
    if (slot === undefined || digest === '' || slot.identity.digest !== digest) return false;
    const { state } = slot;
    return state.phase !== 'unloaded' && !(state.phase === 'draining' && state.closed);
  }

  /** Gives its memory back, without waiting for what runs. */
  async unload(): Promise<void> {
    const slot = this.#slot;
    if (slot === undefined || slot.state.phase === 'unloaded') return;
    await slot[Symbol.asyncDispose]();
    this.keptSince = undefined;
    if (slot.identity.digest !== '') this.#around.events.unloaded(slot.identity);
  }
}
