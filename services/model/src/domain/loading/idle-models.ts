import type { KnownModel } from '../models/known-model.ts';
import { comesOnUse } from './load-policy.ts';
import type { ModelRegistry } from '../models/model-registry.ts';

/**
 * Takes models that nobody uses out of memory: each after its own time, and the least recently used first when another
 * needs the room. One with an answer at work, or about to get one, is never taken.
 */
export class IdleModels {
  readonly #registry: ModelRegistry;
  readonly #graceMs: number;

  /** @param graceMs whoever was told of a model has so long to come with the request */
  constructor(registry: ModelRegistry, graceMs: number) {
    this.#registry = registry;
    this.#graceMs = graceMs;
  }

  /** Unloads what nobody has used for as long as its document says. Resolves when the memory is free. */
  async sweep(): Promise<void> {
    const over = this.#registry.models.filter((model) => {
      const { idleMs } = model.definition.load.unload ?? { idleMs: Number.POSITIVE_INFINITY };
      return this.#mayLeave(model) && this.#restedMs(model) >= Math.max(idleMs, this.#graceMs);
    });
    await Promise.all(over.map((model) => model.unload()));
  }

  /**
   * Unloads the least recently used model that may leave, what is kept for a rollback only before all others.
   * @param wanted stays in any case
   * @returns the model, its memory free; undefined when none could be taken now
   */
  async makeRoom(wanted: KnownModel): Promise<KnownModel | undefined> {
    const [model] = this.others(wanted)
      .filter((other) => this.#restedMs(other) >= this.#graceMs)
      .sort((a, b) => Number(isSpare(b)) - Number(isSpare(a)) || this.#restedMs(b) - this.#restedMs(a));
    await model?.unload();
    return model;
  }

  /** Models beside `wanted` that may leave once they are idle. */
  others(wanted: KnownModel): KnownModel[] {
    return this.#registry.models.filter(
      (model) => model !== wanted && (this.#mayLeave(model) || this.#isKept(model)),
    );
  }

  /** Somebody or something brings it back, or nobody is sent to it. */
  #mayLeave(model: KnownModel): boolean {
    const { definition, state } = model;
    if (state.phase !== 'ready') return false;
    return comesOnUse(definition) || (definition.load.unload !== undefined && !this.#isAliased(model));
  }

  #isKept(model: KnownModel): boolean {
    return model.state.phase === 'ready' && isSpare(model) && !this.#isAliased(model);
  }

  #isAliased({ name }: KnownModel): boolean {
    return this.#registry.aliases.of(name).length > 0;
  }

  /** Below 0: it does not rest at all. */
  #restedMs({ slot }: KnownModel): number {
    return slot?.unusedMs ?? -1;
  }
}

/** Kept in memory for a rollback and nothing else. */
function isSpare({ keptSince }: KnownModel): boolean {
  return keptSince !== undefined;
}
