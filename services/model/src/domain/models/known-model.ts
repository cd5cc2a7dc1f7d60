import { ParleyError } from '@parley/kernel';
import type { Engine } from '../../ports/engine.ts';
import type { ModelIdentity } from '../../ports/model-events.ts';
import { comesOnUse } from '../loading/load-policy.ts';
import type { ModelDefinition } from './model-definition.ts';
import { ModelSlot } from './model-slot.ts';
import type { SlotSurroundings } from './model-slot.ts';
import { slotPatience } from './slot-patience.ts';
import type { SlotState } from './slot-state.ts';

/** What is known about a model: nobody has loaded it yet, or what its slot says. */
export type ModelState = SlotState | { readonly phase: 'registered'; readonly reason: string };

/** A model that this process can have, and its slot while it has it. */
export class KnownModel {
  #definition: ModelDefinition;
  readonly engine: Engine;
  readonly #around: SlotSurroundings;
  readonly #registered: ModelState;
  #slot: ModelSlot | undefined;
  /** sha256 of its weights as it was found last; '' = nobody has looked. */
  #digest: string;
  #leaving: Promise<void> = Promise.resolve();
  /** Since when it stays in memory for a rollback only; undefined = it is wanted for itself, or not there. */
  keptSince: number | undefined;

  constructor(definition: ModelDefinition, engine: Engine, around: SlotSurroundings) {
    this.#definition = definition;
    this.engine = engine;
    this.#around = around;
    this.#digest = definition.sha256 ?? '';
    const how = comesOnUse(definition) ? 'its first caller' : `"parley models load ${definition.name}"`;
    const reason = `it is not loaded; ${how} loads it`;
    this.#registered = { phase: 'registered', reason };
    around.events.phaseChanged(definition.name, 'registered');
  }

  get definition(): ModelDefinition {
    return this.#definition;
  }

  get name(): string {
    return this.#definition.name;
  }

  /** Takes another definition that needs no new load: how it is called, who answers to it, what people are told. */
  redefine(definition: ModelDefinition): void {
    this.#definition = definition;
    if (this.#slot !== undefined) this.#slot.definition = definition;
  }

  /** Says again how it stands: a model that had its name before has gone. */
  retell(): void {
    this.#around.events.phaseChanged(this.name, this.state.phase);
    this.#slot?.retell();
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

  /** What is set aside for it; 0 while it is not loaded. */
  get memoryBytes(): number {
    return this.#slot?.memoryBytes ?? 0;
  }

  get identity(): ModelIdentity {
    return { name: this.name, digest: this.#slot?.identity.digest || this.#digest };
  }

  /** Makes known which weights it has, before it is loaded. */
  identify(digest: string): void {
    this.#digest = digest;
  }

  /** Resolves when the memory of its last stay is free. */
  gone(): Promise<void> {
    return this.#leaving;
  }

  /** The slot that is alive, open for callers; a new one that begins to load where there is none. */
  open(): ModelSlot {
    if (this.#slot?.alive === true) {
      this.#slot.reopen();
      return this.#slot;
    }
    this.#digest = this.identity.digest;
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

  /** Whether it may still answer requests for this digest, or comes back for them. */
  holds(digest: string): boolean {
    if (digest === '' || this.identity.digest !== digest) return false;
    const { state } = this;
    const isGone =
      state.phase === 'registered' ||
      state.phase === 'unloaded' ||
      (state.phase === 'draining' && state.closed);
    return !isGone || comesOnUse(this.definition);
  }

  /** Gives its memory back, without waiting for what runs. */
  async unload(): Promise<void> {
    const slot = this.#slot;
    if (slot === undefined || slot.state.phase === 'unloaded') return;
    this.#leaving = slot[Symbol.asyncDispose]();
    await this.#leaving;
    this.keptSince = undefined;
    if (slot.identity.digest !== '') this.#around.events.unloaded(slot.identity);
  }
}

/** Bytes that are set aside for models, all together. */
export function memoryOf(models: Iterable<KnownModel>): number {
  return Array.from(models).reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}
