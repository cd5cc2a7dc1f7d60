import { ParleyError } from '@parley/kernel';
import type { Engine } from '../ports/engine.ts';
import type { ModelDefinition } from './model-definition.ts';
import { ModelSlot } from './model-slot.ts';
import type { SlotSurroundings } from './model-slot.ts';

/** What callers get who name no model. */
export const defaultAlias = 'default';

/** The models of this process and the names they answer to. */
export class ModelRegistry implements AsyncDisposable {
  readonly #slots = new Map<string, ModelSlot>();
  /** Alias to model name. */
  readonly #aliases = new Map<string, string>();

  /** @throws ParleyError `config_invalid` when a name or alias is used twice, or an engine does not exist. */
  constructor(
    definitions: readonly ModelDefinition[],
    engines: ReadonlyMap<string, Engine>,
    around: SlotSurroundings,
  ) {
    for (const definition of definitions) {
      const engine = engines.get(definition.engine);
      if (engine === undefined) {
        const known = [...engines.keys()].join(', ');
        throw invalid(
          `Model "${definition.name}" wants the engine "${definition.engine}"; there are: ${known}.`,
        );
      }
      if (this.#slots.has(definition.name)) throw invalid(`Two models have the name "${definition.name}".`);
      this.#slots.set(definition.name, new ModelSlot(definition, engine, around));
    }
    for (const { name, aliases } of definitions) for (const alias of aliases) this.#claim(alias, name);
  }

  /** All slots, in the order of their definitions. */
  get slots(): readonly ModelSlot[] {
    return [...this.#slots.values()];
  }

  /** Begins to load every model; waits for none. */
  start(): void {
    for (const slot of this.#slots.values()) slot.start();
  }

  /**
   * The slot that an alias, a model name or a digest means; '' is the alias `default`.
   * @throws ParleyError `model_not_found` that names what there is.
   */
  find(named: string): ModelSlot {
    const wanted = named === '' ? defaultAlias : named;
    const slot = this.#slots.get(this.#aliases.get(wanted) ?? wanted) ?? this.#withDigest(wanted);
    if (slot !== undefined) return slot;
    const known = [...this.#aliases.keys(), ...this.#slots.keys()];
    const there = known.length === 0 ? 'No model is configured.' : `There are: ${known.join(', ')}.`;
    throw new ParleyError('model_not_found', `There is no model "${wanted}". ${there}`, { param: 'model' });
  }

  /** The slot that holds exactly these weights. @throws ParleyError `model_not_here`. */
  holding(digest: string): ModelSlot {
    const slot = this.#withDigest(digest);
    if (slot !== undefined) return slot;
    throw new ParleyError(
      'model_not_here',
      'This instance does not hold the model that was resolved; resolve it again.',
    );
  }

  /** Resolves when no model has an answer at work or waiting. */
  async idle(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.admission.empty()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot[Symbol.asyncDispose]()));
  }

  #claim(alias: string, name: string): void {
    const other = this.#aliases.get(alias) ?? (this.#slots.has(alias) ? alias : undefined);
    if (other !== undefined) throw invalid(`Models "${other}" and "${name}" both answer to "${alias}".`);
    this.#aliases.set(alias, name);
  }

  #withDigest(digest: string): ModelSlot | undefined {
    return this.slots.find((slot) => digest !== '' && slot.identity.digest === digest);
  }
}

function invalid(message: string): ParleyError {
  return new ParleyError('config_invalid', message);
}
