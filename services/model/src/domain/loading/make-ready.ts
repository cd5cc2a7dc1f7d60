import type { MoveProgress } from '../../ports/move-progress.ts';
import type { DrainFirst } from '../switching/drain-first.ts';
import type { IdleModels } from './idle-models.ts';
import { memoryOf } from '../models/known-model.ts';
import type { KnownModel } from '../models/known-model.ts';
import { tellLoad } from './load-progress-text.ts';
import { isShortOfMemory, missingBytes } from '../memory/memory-admission.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { ModelSlot } from '../models/model-slot.ts';
import type { ModelUnload } from './model-unload.ts';
import { termsWarning } from '../models/terms-warning.ts';

/** What making models ready takes. */
export interface MakeReadyParts {
  readonly registry: ModelRegistry;
  readonly unload: ModelUnload;
  readonly idle: IdleModels;
  readonly drainFirst: DrainFirst;
}

/** Brings models into memory, making room for them where there is too little. */
export class MakeReady {
  readonly #parts: MakeReadyParts;
  /** Models that are being made ready: nobody may make room at their cost. */
  readonly #wanted = new Map<KnownModel, number>();

  constructor(parts: MakeReadyParts) {
    this.#parts = parts;
  }

  /** Whether somebody waits for the model right now. */
  isWanted(model: KnownModel): boolean {
    return this.#wanted.has(model);
  }

  /** Keeps a model from being unloaded while `work` goes on. */
  async wanting<T>(model: KnownModel, work: () => Promise<T>): Promise<T> {
    this.#wanted.set(model, (this.#wanted.get(model) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#wanted.get(model) ?? 1) - 1;
      if (left === 0) this.#wanted.delete(model);
      else this.#wanted.set(model, left);
    }
  }

  /**
   * The slot that can answer. What was begun here is given up with the progress' signal. Where memory is short, what
   * is kept for rollbacks only goes, then what is idle; then, with an alias, the model that it points to (drain-first).
   * @param alias the alias that is about to be moved to the model; '' = none
   * @throws ParleyError what is wrong with it, and where.
   */
  run(model: KnownModel, progress: MoveProgress, alias = ''): Promise<ModelSlot> {
    return this.wanting(model, async () => {
      for (;;) {
        try {
          return await this.#open(model, progress);
        } catch (error) {
          if (!isShortOfMemory(error) || missingBytes(error) > this.#mostRoom(model, alias)) throw error;
          if (await this.#makeRoom(model, progress)) continue;
          const { drainFirst } = this.#parts;
          const place = drainFirst.placeOf(alias, model, error);
          if (place === undefined) throw error;
          return await drainFirst.run(place, progress, () => this.#open(model, progress));
        }
      }
    });
  }

  /** Models that stay in memory for nothing but a rollback. */
  kept(): KnownModel[] {
    const { models, aliases } = this.#parts.registry;
    return models.filter(
      (model) =>
        model.alive &&
        model.keptSince !== undefined &&
        aliases.of(model.name).length === 0 &&
        !this.isWanted(model),
    );
  }

  async #open(model: KnownModel, progress: MoveProgress): Promise<ModelSlot> {
    const begun = !model.alive;
    const slot = model.open();
    const unfollow = slot.follow((step) => tellLoad(model.name, step, progress));
    try {
      await slot.settled(progress.signal);
      const warning = termsWarning(model.definition);
      if (warning !== undefined) progress.note(warning);
      return slot;
    } catch (error) {
      if (progress.signal.aborted && begun) await model.unload();
      throw error;
    } finally {
      unfollow();
    }
  }

  /** What could be freed for a model at most: where that is too little, nothing has to go for it. */
  #mostRoom(wanted: KnownModel, alias: string): number {
    const { idle, drainFirst } = this.#parts;
    const old = drainFirst.leaving(alias, wanted);
    const leaving = new Set([...this.kept(), ...idle.others(wanted), ...(old === undefined ? [] : [old])]);
    return memoryOf(leaving);
  }

  /** Unloads what was kept longest for nothing but a rollback, else what is idle and comes back; false: there is none. */
  async #makeRoom(wanted: KnownModel, progress: MoveProgress): Promise<boolean> {
    const { idle, unload } = this.#parts;
    const [model] = this.kept().sort((a, b) => (a.keptSince ?? 0) - (b.keptSince ?? 0));
    if (model === undefined) {
      const rested = await idle.makeRoom(wanted);
      if (rested !== undefined) progress.note(`Too little memory: unloaded ${rested.name}, which was idle.`);
      return rested !== undefined;
    }
    progress.note(`Too little memory: unloading ${model.name}, which was kept for a rollback.`);
    await unload.run(model, progress);
    return true;
  }
}
