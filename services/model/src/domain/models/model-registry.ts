import { ParleyError } from '@parley/kernel';
import type { ErrorCode } from '@parley/kernel';
import type { Engine } from '../../ports/engine.ts';
import { AbsentEngine } from './absent-engine.ts';
import { AliasTable } from './alias-table.ts';
import type { AliasPointer } from './alias-table.ts';
import type { FileProof } from '../loading/file-proofs.ts';
import { KnownModel } from './known-model.ts';
import type { ModelDefinition } from './model-definition.ts';
import type { ModelSlot, SlotSurroundings } from './model-slot.ts';

/** What callers get who name no model. */
export const defaultAlias = 'default';

/** The models that this process can have and the names they answer to. */
export class ModelRegistry implements AsyncDisposable {
  readonly aliases = new AliasTable();
  readonly #models = new Map<string, KnownModel>();
  readonly #engines: ReadonlyMap<string, Engine>;
  readonly #around: SlotSurroundings;
  readonly #closing = new AbortController();
  /** Models whose names others have taken, until their answers have ended. */
  readonly #leaving = new Set<KnownModel>();

  /** @throws ParleyError `config_invalid` when a name or alias is used twice, or an engine does not exist. */
  constructor(
    definitions: readonly ModelDefinition[],
    engines: ReadonlyMap<string, Engine>,
    around: SlotSurroundings,
  ) {
    this.#engines = engines;
    this.#around = around;
    for (const definition of definitions) {
      if (this.#models.has(definition.name))
        throw clash('config_invalid', `Two models have the name "${definition.name}".`);
      if (!engines.has(definition.engine)) throw clash('config_invalid', missingEngine(definition, engines));
      this.#models.set(definition.name, this.#known(definition));
    }
    for (const definition of definitions) this.#claimAliases(definition, 'config_invalid');
  }

  /** All models, in the order in which they became known. */
  get models(): readonly KnownModel[] {
    return [...this.#models.values()];
  }

  /** Aborts when the process ends its models. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Makes a model known; an equal definition again changes nothing, and one that is not loaded is replaced. Its engine
   * may be missing: then it cannot be loaded.
   * @throws ParleyError `conflict` when its name or an alias belongs to another model.
   */
  register(definition: ModelDefinition): void {
    const { name } = definition;
    const other = this.#models.get(name);
    if (other !== undefined) {
      if (JSON.stringify(other.definition) === JSON.stringify(definition)) return;
      if (other.definition.document !== undefined)
        throw clash('conflict', `Model "${name}" is described by ${other.definition.document.file} already.`);
      if (other.alive)
        throw clash('conflict', `Model "${name}" is loaded; unload it before another takes its name.`);
    }
    const known = this.#known(definition);
    this.#claimAliases(definition, 'conflict');
    this.#models.set(name, known);
  }

  /** Takes back what was registered; a model that a document describes, an alias points to or that is loaded stays. */
  forget(name: string): void {
    const model = this.#models.get(name);
    if (model === undefined || model.alive || model.definition.document !== undefined) return;
    if (this.aliases.of(name).length === 0) this.#models.delete(name);
  }

  /** A model that is not known yet. @throws ParleyError `config_invalid` when its engine does not exist. */
  make(definition: ModelDefinition): KnownModel {
    if (!this.#engines.has(definition.engine))
      throw clash('config_invalid', missingEngine(definition, this.#engines));
    return this.#known(definition);
  }

  /** Gives a model its name; one that had it before answers to its digest alone, until `gone`. */
  put(model: KnownModel): void {
    const before = this.#models.get(model.name);
    if (before?.alive === true) this.#leaving.add(before);
    this.#models.set(model.name, model);
  }

  /** A model whose name another has taken holds no memory any more. */
  gone(model: KnownModel): void {
    this.#leaving.delete(model);
  }

  /** Takes a model away that nothing describes any more; one that is loaded or that an alias leads to stays. */
  drop(model: KnownModel): boolean {
    if (model.alive || this.aliases.of(model.name).length > 0) return false;
    return this.#models.delete(model.name);
  }

  /**
   * Opens a model's file once in a process of its own, unless that was done before. The model need not be registered.
   * @throws ParleyError what is wrong with the file.
   */
  prove(definition: ModelDefinition, signal: AbortSignal): Promise<FileProof> {
    return this.#around.loader.prove(definition, this.#engine(definition), signal);
  }

  /** The model of that very name; undefined when there is none. */
  named(name: string): KnownModel | undefined {
    return this.#models.get(name);
  }

  /**
   * The model that an alias, a name or a digest means; '' is the alias `default`.
   * @throws ParleyError `model_not_found` that names what there is.
   */
  find(named: string): KnownModel {
    const wanted = named === '' ? defaultAlias : named;
    const name = this.aliases.get(wanted)?.model ?? wanted;
    const model = this.#models.get(name) ?? this.#withDigest(wanted);
    if (model !== undefined) return model;
    const known = [...this.aliases.all.map(({ alias }) => alias), ...this.#models.keys()];
    const there = known.length === 0 ? 'No model is configured.' : `There are: ${known.join(', ')}.`;
    throw new ParleyError('model_not_found', `There is no model "${wanted}". ${there}`, { param: 'model' });
  }

  /** The model of that very name, whatever its name was switched to; else as `find`. @throws as `find` does. */
  model(named: string): KnownModel {
    return this.#models.get(named) ?? this.find(named);
  }

  /**
   * Where an alias points. The name of a model points to that model, until it is switched to a quantised form of it.
   * @throws ParleyError `not_found` that names what there is.
   */
  pointer(alias: string): AliasPointer {
    const model = this.#models.get(alias);
    if (model === undefined || this.aliases.get(alias) !== undefined) return this.aliases.require(alias);
    const document = model.definition.document?.digest ?? '';
    return { alias, model: alias, generation: 1, previous: undefined, configured: alias, document };
  }

  /**
   * The slot that answers a request for an alias, a name or a digest. One who names the digest that was resolved for
   * him is served while the model is here at all.
   * @throws ParleyError `model_not_found`, `model_not_ready`.
   */
  resolve(named: string): ModelSlot {
    const held = this.#withDigest(named)?.slot;
    if (held === undefined) return this.find(named).resolve();
    held.ready();
    return held;
  }

  /** The model that holds exactly these weights, or comes back with them. @throws ParleyError `model_not_here`. */
  holder(digest: string): KnownModel {
    const model = this.#withDigest(digest);
    if (model !== undefined) return model;
    throw new ParleyError(
      'model_not_here',
      'This instance does not hold the model that was resolved; resolve it again.',
    );
  }

  /** Whether this installation has an engine of that name, with all that it runs on. */
  hasEngine(name: string): boolean {
    const engine = this.#engines.get(name);
    return engine !== undefined && engine.installed !== false;
  }

  /** The names of engines that can make embeddings. */
  get embeddingEngines(): readonly string[] {
    return [...this.#engines.values()]
      .filter(({ embeds, installed }) => embeds && installed !== false)
      .map(({ name }) => name);
  }

  /** Resolves when no model has an answer at work or waiting. */
  async idle(): Promise<void> {
    await Promise.all(this.#slots().map(({ admission }) => admission.empty()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new ParleyError('cancelled', 'The service stops.'));
    await Promise.all(this.#slots().map((slot) => slot[Symbol.asyncDispose]()));
  }

  #slots(): ModelSlot[] {
    return [...this.models, ...this.#leaving].flatMap(({ slot }) => slot ?? []);
  }

  #known(definition: ModelDefinition): KnownModel {
    return new KnownModel(definition, this.#engine(definition), this.#around);
  }

  #engine({ engine }: ModelDefinition): Engine {
    return this.#engines.get(engine) ?? new AbsentEngine(engine, [...this.#engines.keys()]);
  }

  #claimAliases({ name, aliases, document }: ModelDefinition, code: ErrorCode): void {
    for (const alias of aliases) {
      const other = this.aliases.get(alias)?.configured ?? (this.#models.has(alias) ? alias : undefined);
      if (other !== undefined && other !== name)
        throw clash(code, `Models "${other}" and "${name}" both answer to "${alias}".`);
      const claim = { alias, model: name, configured: name, document: document?.digest ?? '' };
      this.aliases.set({ ...claim, generation: 1, previous: undefined });
    }
  }

  /** Two models may have the same weights: the one that callers are sent to counts first. */
  #withDigest(digest: string): KnownModel | undefined {
    const holders = [...this.models, ...this.#leaving].filter((model) => model.holds(digest));
    const isReady = ({ state }: KnownModel): boolean => state.phase === 'ready';
    return (
      holders.find((model) => isReady(model) && this.aliases.of(model.name).length > 0) ??
      holders.find(isReady) ??
      // One that leaves still answers those who were told of it; one that comes does not yet.
      holders.find(({ state }) => state.phase === 'draining') ??
      holders[0]
    );
  }
}

function missingEngine({ name, engine }: ModelDefinition, engines: ReadonlyMap<string, Engine>): string {
  return `Model "${name}" wants the engine "${engine}"; there are: ${[...engines.keys()].join(', ')}.`;
}

function clash(code: ErrorCode, message: string): ParleyError {
  return new ParleyError(code, message);
}
