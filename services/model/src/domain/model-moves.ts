import { ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ModelEvents } from '../ports/model-events.ts';
import type { MoveProgress } from '../ports/move-progress.ts';
import { movedTo } from './alias-table.ts';
import type { AliasPointer } from './alias-table.ts';
import type { DesiredAliases } from './desired-aliases.ts';
import type { KnownModel } from './known-model.ts';
import { tellLoad } from './load-progress-text.ts';
import { isShortOfMemory } from './memory-admission.ts';
import type { ModelRegistry } from './model-registry.ts';
import type { ModelSlot } from './model-slot.ts';
import type { ModelUnload } from './model-unload.ts';
import { Turns } from './turns.ts';

/** What moving models takes. */
export interface MoveParts {
  readonly registry: ModelRegistry;
  readonly desired: DesiredAliases;
  readonly events: ModelEvents;
  readonly unload: ModelUnload;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: Clock;
  /** Whether the model that an alias leaves stays loaded, so that a rollback takes no time. */
  readonly keepPrevious: boolean;
}

/**
 * Orders about models, carried out one after another: load, unload, switch, rollback. A switch loads its target beside
 * the old model and moves the alias when the target can answer; whatever fails before leaves everything as it was.
 * An order that is given again after it was carried out changes nothing.
 */
export class ModelMoves {
  readonly #parts: MoveParts;
  readonly #turns = new Turns();
  /** Where an alias is about to be moved. */
  #target: KnownModel | undefined;

  constructor(parts: MoveParts) {
    this.#parts = parts;
  }

  /** @throws ParleyError of a load that cannot be ordered: `model_not_found`. */
  checkLoad(named: string): KnownModel {
    return this.#parts.registry.find(named);
  }

  /** @throws ParleyError of an unload that cannot be ordered: `model_not_found`, `conflict`. */
  checkUnload(named: string): KnownModel {
    const { aliases } = this.#parts.registry;
    const model = this.#parts.registry.find(named);
    const [alias] = aliases.of(model.name);
    if (alias !== undefined) {
      const message = `Alias "${alias}" points to model "${model.name}"; switch it to another model first.`;
      throw new ParleyError('conflict', message, { param: 'model' });
    }
    if (model === this.#target)
      throw new ParleyError('conflict', `An alias is being switched to model "${model.name}".`);
    if (model.alive) return model;
    throw new ParleyError('conflict', `Model "${model.name}" is not loaded.`, { param: 'model' });
  }

  /** @throws ParleyError of a switch that cannot be ordered: `not_found`, `model_not_found`. */
  checkSwitch(alias: string, named: string): KnownModel {
    this.#parts.registry.aliases.require(alias);
    return this.#parts.registry.find(named);
  }

  /** The model that a rollback leads to. @throws ParleyError `not_found`, `model_not_found`, `conflict`. */
  checkRollback(alias: string): KnownModel {
    const { previous } = this.#parts.registry.aliases.require(alias);
    if (previous !== undefined) return this.#parts.registry.find(previous);
    const message = `Alias "${alias}" was not switched: there is nothing to go back to.`;
    throw new ParleyError('conflict', message, { param: 'alias' });
  }

  /** Resolves when the model can answer. @throws ParleyError what is wrong with it, and where. */
  load(named: string, progress: MoveProgress): Promise<void> {
    return this.#turns.run(progress.signal, async () => {
      const model = this.checkLoad(named);
      model.keptSince = undefined;
      await this.#ready(model, progress);
      progress.share(1);
    });
  }

  /** Resolves when the model's memory is free. Others may move meanwhile: an unload waits for answers. */
  async unload(named: string, progress: MoveProgress): Promise<void> {
    const model = this.#parts.registry.find(named);
    if (!model.alive) return;
    this.checkUnload(named);
    await this.#parts.unload.run(model, progress);
    progress.share(1);
  }

  /** Resolves when the alias points to the model. @throws ParleyError when it stays where it was, and why. */
  switch(alias: string, named: string, progress: MoveProgress): Promise<void> {
    return this.#turns.run(progress.signal, async () => {
      const target = this.checkSwitch(alias, named);
      this.#target = target;
      try {
        await this.#switch(alias, target, progress);
        progress.share(1);
      } finally {
        this.#target = undefined;
      }
    });
  }

  async #switch(alias: string, target: KnownModel, progress: MoveProgress): Promise<void> {
    const startedAt = this.#parts.clock.now();
    const slot = await this.#ready(target, progress);
    const pointer = this.#parts.registry.aliases.require(alias);
    if (pointer.model === target.name && pointer.wanted === undefined)
      return progress.note(`Alias "${alias}" points to "${target.name}".`);
    progress.signal.throwIfAborted();
    progress.stage(`moving alias ${alias} to ${target.name}`);
    await this.#move(pointer, slot, startedAt);
    progress.stage(`moved alias ${alias} to ${target.name}`);
  }

  /** The slot that can answer. What this order began to load is given up with the order. */
  async #ready(model: KnownModel, progress: MoveProgress): Promise<ModelSlot> {
    for (;;) {
      const begun = !model.alive;
      const slot = model.open();
      const unfollow = slot.follow((step) => tellLoad(model.name, step, progress));
      try {
        await slot.settled(progress.signal);
        return slot;
      } catch (error) {
        if (progress.signal.aborted && begun) await model.unload();
        if (!isShortOfMemory(error) || !(await this.#makeRoom(progress))) throw error;
      } finally {
        unfollow();
      }
    }
  }

  /** Unloads the model that was kept longest for nothing but a rollback; false when there is none. */
  async #makeRoom(progress: MoveProgress): Promise<boolean> {
    const [model] = this.#kept().sort((a, b) => (a.keptSince ?? 0) - (b.keptSince ?? 0));
    if (model === undefined) return false;
    progress.note(`Too little memory: unloading ${model.name}, which was kept for a rollback.`);
    await this.#parts.unload.run(model, progress);
    return true;
  }

  async #move(pointer: AliasPointer, slot: ModelSlot, startedAt: number): Promise<void> {
    const { registry, desired, events, clock } = this.#parts;
    const left = registry.find(pointer.model);
    const moved = movedTo(pointer, slot.definition.name);
    // Callers must not be sent to a model that has gone while the others waited.
    slot.ready();
    await desired.write(moved);
    registry.aliases.set(moved);
    const switchMs = clock.now() - startedAt;
    events.switched({ alias: moved.alias, from: left.identity, to: slot.identity, switchMs });
    registry.find(moved.model).keptSince = undefined;
    this.#leave(left);
  }

  /** What no alias needs any more, not even for a rollback, gives its memory back once its answers have ended. */
  #leave(left: KnownModel): void {
    const { registry, unload, clock, keepPrevious } = this.#parts;
    const { aliases } = registry;
    if (left.alive && aliases.of(left.name).length === 0) left.keptSince = clock.now();
    const previous = aliases.all.map((pointer) => pointer.previous);
    const quiet = { signal: registry.closing, stage: ignore, share: ignore, note: ignore };
    for (const model of this.#kept()) {
      const isWanted = model.definition.load.when === 'start' || previous.includes(model.name);
      if (keepPrevious && isWanted) continue;
      // Whoever asks for it again meanwhile keeps it.
      unload.run(model, quiet).catch(ignore);
    }
  }

  #kept(): KnownModel[] {
    const { models, aliases } = this.#parts.registry;
    return models.filter((model) => {
      const isNeeded = aliases.of(model.name).length > 0 || model === this.#target;
      return model.alive && model.keptSince !== undefined && !isNeeded;
    });
  }
}

function ignore(): void {}
