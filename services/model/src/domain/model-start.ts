import { toParleyError } from '@parley/kernel';
import type { ModelEvents } from '../ports/model-events.ts';
import type { AliasPointer } from './alias-table.ts';
import type { DesiredAliases } from './desired-aliases.ts';
import type { KnownModel } from './known-model.ts';
import type { ModelRegistry } from './model-registry.ts';

/** Brings the models back as they were ordered when the process starts. */
export class ModelStart {
  readonly #registry: ModelRegistry;
  readonly #desired: DesiredAliases;
  readonly #events: ModelEvents;

  constructor(registry: ModelRegistry, desired: DesiredAliases, events: ModelEvents) {
    this.#registry = registry;
    this.#desired = desired;
    this.#events = events;
  }

  /** Points the aliases to where they were switched, unless their documents have changed since. */
  async restore(): Promise<void> {
    const { aliases } = this.#registry;
    const orders = await this.#desired.read();
    for (const pointer of aliases.all) {
      const order = orders.get(pointer.alias);
      if (order === undefined) continue;
      if (order.document === pointer.document) {
        const { model, generation, previous } = order;
        aliases.set({ ...pointer, model, generation, previous });
      } else aliases.set({ ...pointer, generation: order.generation + 1 });
    }
  }

  /** Begins to load what is wanted, what callers are sent to first; waits for nothing. */
  start(): void {
    const { aliases, models } = this.#registry;
    for (const pointer of aliases.all) this.#openTarget(pointer);
    const wanted = models.filter(({ definition }) => definition.load.when === 'start');
    for (const model of wanted) model.open();
    void this.#proveOthers(models.filter((model) => !model.alive));
  }

  #openTarget(pointer: AliasPointer): void {
    const target = this.#registry.models.find(({ name }) => name === pointer.model);
    if (target === undefined) return this.#fallBack(pointer, `there is no model "${pointer.model}"`);
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
    this.#registry.find(configured).open();
    aliases.set({ ...pointer, model: configured, wanted: { model, reason } });
    this.#events.fellBack(alias, model, configured, reason);
  }

  /** Trying a file out takes seconds; done here it is not part of a switch. */
  async #proveOthers(models: readonly KnownModel[]): Promise<void> {
    const { closing } = this.#registry;
    const loads = this.#registry.models.flatMap(({ slot }) => slot?.settled(closing) ?? []);
    await Promise.allSettled(loads);
    for (const { definition, name } of models) {
      try {
        closing.throwIfAborted();
        await this.#registry.prove(definition, closing);
      } catch (thrown) {
        if (closing.aborted) return;
        this.#events.unusable(name, toParleyError(thrown));
      }
    }
  }
}
