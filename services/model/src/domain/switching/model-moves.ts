import { ParleyError, sleep, toParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ModelEvents } from '../../ports/model-events.ts';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { AliasPointer } from '../models/alias-table.ts';
import type { AliasWaits } from './alias-waits.ts';
import type { DesiredAliases } from './desired-aliases.ts';
import type { ModelFleet } from '../fleet/model-fleet.ts';
import type { KnownModel } from '../models/known-model.ts';
import type { MakeReady } from '../loading/make-ready.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { ModelSlot } from '../models/model-slot.ts';
import type { ModelUnload } from '../loading/model-unload.ts';
import { requireRightToName } from '../quantise/plain-name.ts';
import { Turns } from '../turns.ts';

/** What moving models takes. */
export interface MoveParts {
  readonly registry: ModelRegistry;
  readonly fleet: ModelFleet;
  readonly desired: DesiredAliases;
  readonly events: ModelEvents;
  readonly unload: ModelUnload;
  readonly ready: MakeReady;
  readonly waits: AliasWaits;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: Clock;
  /** Whether the model that an alias leaves stays loaded, so that a rollback takes no time. */
  readonly keepPrevious: boolean;
  /** How long the other instances may take to unload a model. */
  readonly unloadMs: number;
}

/**
 * Orders about models, carried out one after another by the whole fleet: load, unload, switch, rollback. A switch loads
 * its target beside the old model on every instance and moves the alias when all can answer; whatever fails before
 * leaves everything as it was. An order that is given again after it was carried out changes nothing.
 */
export class ModelMoves {
  readonly #parts: MoveParts;
  readonly #turns = new Turns();

  constructor(parts: MoveParts) {
    this.#parts = parts;
  }

  /** @throws ParleyError of a load that cannot be ordered: `model_not_found`. */
  checkLoad(named: string): KnownModel {
    return this.#parts.registry.model(named);
  }

  /** @throws ParleyError of an unload that cannot be ordered: `model_not_found`, `conflict`. */
  checkUnload(named: string): KnownModel {
    const { aliases } = this.#parts.registry;
    const model = this.#parts.registry.model(named);
    const [alias] = aliases.of(model.name);
    if (alias !== undefined) {
      const message = `Alias "${alias}" points to model "${model.name}"; switch it to another model first.`;
      throw new ParleyError('conflict', message, { param: 'model' });
    }
    if (this.#parts.ready.isWanted(model))
      throw new ParleyError('conflict', `An alias is being switched to model "${model.name}".`);
    if (model.alive) return model;
    throw new ParleyError('conflict', `Model "${model.name}" is not loaded.`, { param: 'model' });
  }

  /** @throws ParleyError of a switch that cannot be ordered: `not_found`, `model_not_found`, `conflict`. */
  checkSwitch(alias: string, named: string): KnownModel {
    const { registry } = this.#parts;
    const { configured } = registry.pointer(alias);
    const model = registry.model(named);
    requireRightToName({ alias, configured }, model.definition);
    return model;
  }

  /** The model that a rollback leads to. @throws ParleyError `not_found`, `model_not_found`, `conflict`. */
  checkRollback(alias: string): KnownModel {
    const { previous } = this.#parts.registry.pointer(alias);
    if (previous !== undefined) return this.#parts.registry.model(previous);
    const message = `Alias "${alias}" was not switched: there is nothing to go back to.`;
    throw new ParleyError('conflict', message, { param: 'alias' });
  }

  /** Resolves when the model can answer on every instance. @throws ParleyError what is wrong with it, and where. */
  load(named: string, progress: MoveProgress): Promise<void> {
    return this.#alone(progress, async () => {
      const model = this.checkLoad(named);
      model.keptSince = undefined;
      await this.#rollOut(model, '', progress);
      progress.share(1);
    });
  }

  /** Resolves when the model's memory is free. Others may move meanwhile: an unload waits for answers. */
  async unload(named: string, progress: MoveProgress): Promise<void> {
    const { registry, fleet, unload, unloadMs } = this.#parts;
    const model = registry.model(named);
    if (!model.alive) return;
    this.checkUnload(named);
    const order = await fleet.order(model, 'unloaded');
    try {
      await unload.run(model, progress);
    } catch (error) {
      // It stays here, so it stays everywhere.
      await fleet.order(model, 'loaded');
      throw error;
    }
    const late = await fleet.unloadedElsewhere(model.name, order, unloadMs, progress.signal);
    for (const instance of late) progress.note(`Instance ${instance} has not unloaded ${model.name} yet.`);
    progress.share(1);
  }

  /** Resolves when this instance has read the document that claims an alias, or does not get to it in time. */
  async untilClaimed(alias: string, document: string, progress: MoveProgress): Promise<void> {
    const { registry, fleet, clock } = this.#parts;
    const { unknownMs, lookMs } = fleet.patience;
    for (const until = clock.now() + unknownMs; clock.now() < until; await sleep(lookMs, progress.signal)) {
      if (registry.aliases.get(alias)?.document === document) return;
      progress.stage(`waiting for the document that claims ${alias}`);
    }
  }

  /**
   * Resolves when the alias points to the model on every instance that follows in time; a note names each that did not.
   * @throws ParleyError when it stays where it was, and why.
   */
  switch(alias: string, named: string, progress: MoveProgress): Promise<void> {
    return this.#alone(progress, () => {
      const target = this.checkSwitch(alias, named);
      return this.#parts.ready.wanting(target, async () => {
        await this.#switch(alias, target, progress);
        progress.share(1);
      });
    });
  }

  #alone(progress: MoveProgress, work: () => Promise<void>): Promise<void> {
    return this.#turns.run(progress.signal, () => this.#parts.fleet.move(progress, work));
  }

  async #switch(alias: string, target: KnownModel, progress: MoveProgress): Promise<void> {
    const { registry, fleet, waits, clock } = this.#parts;
    const startedAt = clock.now();
    try {
      const slot = await this.#rollOut(target, alias, progress);
      const pointer = registry.pointer(alias);
      if (pointer.model === target.name && pointer.wanted === undefined)
        return progress.note(`Alias "${alias}" points to "${target.name}".`);
      progress.signal.throwIfAborted();
      progress.stage(`moving alias ${alias} to ${target.name}`);
      const { generation } = await this.#move(pointer, slot, startedAt);
      waits.over(alias);
      progress.stage(`moved alias ${alias} to ${target.name}`);
      const late = await fleet.movedElsewhere(alias, generation, progress.signal);
      for (const instance of late) progress.note(`Instance ${instance} has not moved alias ${alias} yet.`);
    } finally {
      await this.#restore(alias);
    }
  }

  /** Loads a model on all instances, here first. What fails anywhere is taken back everywhere. */
  async #rollOut(model: KnownModel, alias: string, progress: MoveProgress): Promise<ModelSlot> {
    const { fleet } = this.#parts;
    const begun = !model.alive;
    try {
      const slot = await fleet.load(model, progress.signal, () => this.#load(model, alias, progress));
      const order = await fleet.order(model, 'loaded', alias);
      await fleet.loadedElsewhere(model.name, order, progress);
      return slot;
    } catch (error) {
      if (begun) await this.#takeBack(model);
      throw error;
    }
  }

  async #load(model: KnownModel, alias: string, progress: MoveProgress): Promise<ModelSlot> {
    const { fleet, ready } = this.#parts;
    try {
      return await ready.run(model, progress, alias);
    } catch (error) {
      progress.signal.throwIfAborted();
      throw await fleet.failedHere(model.name, toParleyError(error));
    }
  }

  /** A store that is away keeps nobody from the error that led here. */
  async #takeBack(model: KnownModel): Promise<void> {
    const { fleet } = this.#parts;
    if (fleet.progressOf(model.name).order > 0) await fleet.order(model, 'unloaded').catch(ignore);
    if (model.alive) await model.unload();
  }

  /** An alias whose model had to go for one that did not come gets it back. */
  async #restore(alias: string): Promise<void> {
    const { registry, waits } = this.#parts;
    if (waits.noticeOf(alias) === undefined) return;
    const model = registry.model(registry.pointer(alias).model);
    await model.open().settled(registry.closing).catch(ignore);
    waits.over(alias);
  }

  async #move(pointer: AliasPointer, slot: ModelSlot, startedAt: number): Promise<AliasPointer> {
    const { registry, desired, events, clock } = this.#parts;
    const left = registry.model(pointer.model);
    // Callers must not be sent to a model that has gone while the others waited.
    slot.ready();
    const moved = await desired.move(pointer, slot.definition.name);
    registry.aliases.set(moved);
    const switchMs = clock.now() - startedAt;
    const { alias, generation } = moved;
    events.switched({ alias, generation, from: left.identity, to: slot.identity, switchMs });
    registry.model(moved.model).keptSince = undefined;
    this.#leave(left);
    return moved;
  }

  /** What no alias needs any more, not even for a rollback, gives its memory back once its answers have ended. */
  #leave(left: KnownModel): void {
    const { registry, ready, clock, keepPrevious } = this.#parts;
    const { aliases } = registry;
    if (left.alive && aliases.of(left.name).length === 0) left.keptSince = clock.now();
    const previous = aliases.all.map((pointer) => pointer.previous);
    for (const model of ready.kept()) {
      const isWanted = model.definition.load.when === 'start' || previous.includes(model.name);
      // Whoever asks for it again meanwhile keeps it.
      if (!keepPrevious || !isWanted) this.#retire(model).catch(ignore);
    }
  }

  async #retire(model: KnownModel): Promise<void> {
    const { fleet, unload, registry } = this.#parts;
    await fleet.order(model, 'unloaded');
    await unload.run(model, { signal: registry.closing, stage: ignore, share: ignore, note: ignore });
  }
}

function ignore(): void {}
