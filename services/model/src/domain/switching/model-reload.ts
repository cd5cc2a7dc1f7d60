import { ParleyError, toParleyError } from '@parley/kernel';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { AliasPointer } from '../models/alias-table.ts';
import type { KnownModel } from '../models/known-model.ts';
import type { MakeReady } from '../loading/make-ready.ts';
import type { ModelDefinition } from '../models/model-definition.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { ModelUnload } from '../loading/model-unload.ts';
import { Turns } from '../turns.ts';

/** What taking changed documents needs. */
export interface ReloadParts {
  readonly registry: ModelRegistry;
  readonly ready: MakeReady;
  readonly unload: ModelUnload;
  /**
   * Orders the fleet to move an alias, as its document says now; ordered by several instances it is carried out once.
   * @throws ParleyError of the store.
   */
  readonly orderSwitch: (pointer: AliasPointer) => Promise<void>;
}

/** What could not be taken of a document that is right in itself. */
export interface ReloadFault {
  /** Relative to the configuration folder. */
  readonly file: string;
  readonly message: string;
}

/**
 * Takes model documents that have changed while models run. New models become known, changed ones are loaded beside
 * their old form, and an alias whose document has changed is switched to what that says. What cannot be loaded leaves
 * its last good form in place.
 */
export class ModelReload {
  readonly #parts: ReloadParts;
  readonly #turns = new Turns();

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /** Takes a whole set of definitions in place of the one before. Never rejects but for the registry's end. */
  apply(definitions: readonly ModelDefinition[]): Promise<readonly ReloadFault[]> {
    const { closing } = this.#parts.registry;
    return this.#turns.run(closing, async () => {
      const faults: ReloadFault[] = [];
      for (const definition of definitions)
        await collect(faults, definition, () => this.#take(definition, closing));
      this.#dropOthers(definitions);
      for (const definition of definitions)
        for (const alias of definition.aliases)
          await collect(faults, definition, () => this.#claim(alias, definition));
      return faults;
    });
  }

  async #take(definition: ModelDefinition, signal: AbortSignal): Promise<void> {
    const { registry } = this.#parts;
    const before = registry.named(definition.name);
    if (before === undefined || !before.alive) {
      if (before !== undefined && isSame(before.definition, definition)) return;
      const model = registry.make(definition);
      registry.put(model);
      const { when } = definition.load;
      if (when === 'start' || (when !== 'first-use' && isAliased(registry, model))) model.open();
      return;
    }
    if (before.definition.document === undefined)
      throw new ParleyError(
        'conflict',
        `A model that was pulled has the name "${before.name}" and is loaded.`,
      );
    if (isSame(loadedPart(before.definition), loadedPart(definition))) before.redefine(definition);
    else await this.#replace(before, definition, signal);
  }

  /** Beside the old form, which answers until the new one can. */
  async #replace(before: KnownModel, definition: ModelDefinition, signal: AbortSignal): Promise<void> {
    const { registry, ready, unload } = this.#parts;
    const model = registry.make(definition);
    try {
      await ready.run(model, quiet(signal));
    } catch (error) {
      if (model.alive) await model.unload();
      before.retell();
      throw error;
    }
    registry.put(model);
    const forget = (): void => {
      registry.gone(before);
      model.retell();
    };
    unload.run(before, quiet(signal)).then(forget, forget);
  }

  /** A model that an alias leads to, or that is loaded, stays until that has changed. */
  #dropOthers(definitions: readonly ModelDefinition[]): void {
    const { registry, unload } = this.#parts;
    const named = new Set(definitions.map(({ name }) => name));
    for (const model of registry.models) {
      if (model.definition.document === undefined || named.has(model.name)) continue;
      if (registry.aliases.of(model.name).length > 0) continue;
      const drop = (): void => void registry.drop(model);
      if (model.alive) unload.run(model, quiet(registry.closing)).then(drop, () => undefined);
      else drop();
    }
  }

  async #claim(alias: string, { name, document }: ModelDefinition): Promise<void> {
    const { registry, orderSwitch } = this.#parts;
    const claim = { configured: name, document: document?.digest ?? '' };
    const pointer = registry.aliases.get(alias);
    if (pointer === undefined) {
      registry.aliases.set({ alias, model: name, generation: 1, previous: undefined, ...claim });
      const model = registry.model(name);
      if (model.definition.load.when !== 'first-use') model.open();
      return;
    }
    if (pointer.document === claim.document && pointer.configured === name) return;
    const { wanted: _, ...rest } = pointer;
    registry.aliases.set({ ...rest, ...claim });
    if (pointer.model !== name) await orderSwitch(registry.pointer(alias));
  }
}

async function collect(
  faults: ReloadFault[],
  { document, name }: ModelDefinition,
  take: () => Promise<void>,
): Promise<void> {
  try {
    await take();
  } catch (error) {
    const { message } = toParleyError(error);
    faults.push({ file: document?.file ?? name, message: `${message} What was in effect before stays.` });
  }
}

/** What a load is made of; the rest may change under a loaded model. */
function loadedPart(definition: ModelDefinition): object {
  const { engine, path, sha256, partSha256, expected, gpu, settings, contextTokens, slots } = definition;
  const { maxQueued, profile, load, contextAtMost } = definition;
  const { template, systemRole } = profile;
  const made = { engine, path, sha256, partSha256, expected, gpu, settings };
  return { made, contextTokens, contextAtMost, slots, maxQueued, template, systemRole, mmap: load.mmap };
}

function isSame(some: object, other: object): boolean {
  return JSON.stringify(some) === JSON.stringify(other);
}

function isAliased(registry: ModelRegistry, { name }: KnownModel): boolean {
  return registry.aliases.of(name).length > 0;
}

function quiet(signal: AbortSignal): MoveProgress {
  const ignore = (): void => undefined;
  return { signal, stage: ignore, share: ignore, note: ignore };
}
