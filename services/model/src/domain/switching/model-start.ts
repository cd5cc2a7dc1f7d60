import { toParleyError } from '@parley/kernel';
import type { ModelEvents } from '../../ports/model-events.ts';
import type { AliasPointer } from '../models/alias-table.ts';
import type { DesiredAlias, DesiredAliases } from './desired-aliases.ts';
import type { ModelOrder } from '../fleet/desired-models.ts';
import type { ModelFleet } from '../fleet/model-fleet.ts';
import type { KnownModel } from '../models/known-model.ts';
import type { ModelRegistry } from '../models/model-registry.ts';

/** Brings the models back as they were ordered when the process starts. */
export class ModelStart {
  readonly #registry: ModelRegistry;
  readonly #desired: DesiredAliases;
  readonly #events: ModelEvents;
  readonly #fleet: ModelFleet;
  #orders: ReadonlyMap<string, ModelOrder> = new Map();

  constructor(registry: ModelRegistry, desired: DesiredAliases, events: ModelEvents, fleet: ModelFleet) {
    this.#registry = registry;
    this.#desired = desired;
    this.#events = events;
    this.#fleet = fleet;
  }

  /** Points the aliases to where they were switched, unless their documents have changed since: then that is the order. */
  async restore(): Promise<void> {
    const { aliases } = this.#registry;
    this.#orders = await this.#fleet.orders();
    for (const [name, { generation }] of this.#orders) this.#fleet.carriedOut(name, generation);
    const orders = await this.#desired.read();
    for (const pointer of aliases.all) {
      const order = orders.get(pointer.alias);
      if (order === undefined) continue;
      if (order.document === pointer.document) {
        const { model, generation, previous } = order;
        aliases.set({ ...pointer, model, generation, previous });
      } else {
        const { model, generation } = order;
        const moved = await this.#desired.move({ ...pointer, model, generation }, pointer.model);
        aliases.set(moved);
      }
    }
    this.#restoreNames(orders);
  }

  /** Names of models that were given to quantised forms of them. */
  #restoreNames(orders: ReadonlyMap<string, DesiredAlias>): void {
    const { aliases, models } = this.#registry;
    for (const { name } of models) {
      const order = orders.get(name);
      if (order === undefined || aliases.get(name) !== undefined) continue;
      const pointer = this.#registry.pointer(name);
      const { model, generation, previous, document } = order;
      if (document === pointer.document) aliases.set({ ...pointer, model, generation, previous });
    }
  }

  /** Begins to load what is wanted, what callers are sent to first; waits for nothing. */
  start(): void {
    const { aliases, models } = this.#registry;
    for (const pointer of aliases.all) this.#openTarget(pointer);
    for (const model of models.filter((each) => this.#isWanted(each))) model.open();
    void this.#proveOthers(models.filter((model) => !model.alive));
  }

  /** As it was ordered, else as its document says. What was loaded to be switched to comes with its alias. */
  #isWanted({ name, definition }: KnownModel): boolean {
    const order = this.#orders.get(name);
    const isValid = order !== undefined && order.document === (definition.document?.digest ?? '');
    if (isValid && order.wanted === 'unloaded') return false;
    return definition.load.when === 'start' || (isValid && order.alias === '');
  }

  #openTarget(pointer: AliasPointer): void {
    const target = this.#registry.named(pointer.model);
    if (target === undefined) return this.#fallBack(pointer, `there is no model "${pointer.model}"`);
    if (target.definition.load.when === 'first-use') return;
    const slot = target.open();
    if (pointer.model === pointer.configured) return;
    slot.settled(this.#registry.closing).catch((thrown: unknown) => {
      if (!this.#registry.closing.aborted) this.#fallBack(pointer, toParleyError(thrown).message);
    });
  }

  /** The order stays: a restart tries it again once its cause is mended. */
  #fallBack(pointer: AliasPointer, reason: string): void {
    const { aliases } = this.#registry;
    const { alias, model, configured } = pointer;
    // Somebody may have moved it on meanwhile.
    if (aliases.get(alias) !== pointer) return;
    this.#registry.model(configured).open();
    aliases.set({ ...pointer, model: configured, wanted: { model, reason } });
    this.#events.fellBack(alias, model, configured, reason);
  }

  /** Trying a file out takes seconds; done here it is not part of a switch. */
  async #proveOthers(models: readonly KnownModel[]): Promise<void> {
    const { closing } = this.#registry;
    const loads = this.#registry.models.flatMap(({ slot }) => slot?.settled(closing) ?? []);
    await Promise.allSettled(loads);
    for (const model of models) {
      const { definition, name } = model;
      try {
        closing.throwIfAborted();
        // Somebody has asked for it meanwhile.
        if (model.alive) continue;
        model.identify((await this.#registry.prove(definition, closing)).sha256);
      } catch (thrown) {
        if (closing.aborted) return;
        this.#events.unusable(name, toParleyError(thrown));
      }
    }
  }
}
