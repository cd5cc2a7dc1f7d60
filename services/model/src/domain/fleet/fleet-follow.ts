import { sleep, toParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ModelEvents } from '../../ports/model-events.ts';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { AliasWaits } from '../switching/alias-waits.ts';
import type { DesiredAlias, DesiredAliases } from '../switching/desired-aliases.ts';
import type { KnownModel } from '../models/known-model.ts';
import type { MakeReady } from '../loading/make-ready.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { ModelUnload } from '../loading/model-unload.ts';
import type { ModelOrder } from './desired-models.ts';
import type { InstanceReport } from './instance-report.ts';
import type { ModelFleet } from './model-fleet.ts';

/** What following the fleet's orders takes. */
export interface FollowParts {
  readonly registry: ModelRegistry;
  readonly fleet: ModelFleet;
  readonly desired: DesiredAliases;
  readonly ready: MakeReady;
  readonly unload: ModelUnload;
  readonly waits: AliasWaits;
  readonly events: ModelEvents;
  readonly clock: Clock;
  readonly instance: string;
}

/** How often an instance says that it lives when nothing has changed. */
const announceMs = 2_000;

/** Work about one model that an order of the fleet asks for. */
interface Errand {
  readonly order: number;
  readonly abort: AbortController;
}

/**
 * Does on this instance what the fleet has ordered, wherever the order was given: models are loaded and unloaded, aliases
 * move. Says how far it is. An order that is older than what this instance has done changes nothing.
 */
export class FleetFollow implements AsyncDisposable {
  readonly #parts: FollowParts;
  readonly #errands = new Map<string, Errand>();
  readonly #working = new Set<Promise<void>>();
  /** When a model was ordered first that is not known here. */
  readonly #unknownSince = new Map<string, number>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #said = '';
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(parts: FollowParts) {
    this.#parts = parts;
  }

  /** Follows until it is disposed of. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** One look at the orders, and a word about this instance. @throws ParleyError of the store. */
  async look(): Promise<void> {
    const { fleet, desired, registry } = this.#parts;
    const [orders, aliases] = await Promise.all([fleet.orders(), desired.read()]);
    if (this.#closing.signal.aborted) return;
    for (const [name, order] of orders) if (fleet.owes(name, order)) this.#take(name, order);
    for (const [alias, order] of aliases) {
      if (registry.aliases.get(alias) === undefined && registry.named(alias) === undefined) continue;
      if (order.generation > registry.pointer(alias).generation) this.#follow(alias, order);
    }
    await this.#announce();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const { abort } of this.#errands.values()) abort.abort();
    await this.#running;
    await Promise.all(this.#working);
    await this.#parts.fleet.leave().catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        this.#parts.events.fleetUnheard(error);
      }
      await sleep(this.#parts.fleet.patience.roundMs, signal).catch(() => undefined);
    }
  }

  #take(name: string, order: ModelOrder): void {
    const model = this.#parts.registry.named(name);
    if (model === undefined) return this.#missing(name, order);
    this.#unknownSince.delete(name);
    const errand = this.#errands.get(name);
    if (errand !== undefined && errand.order >= order.generation) return;
    errand?.abort.abort();
    const abort = new AbortController();
    this.#errands.set(name, { order: order.generation, abort });
    const work = this.#carryOut(model, order, abort.signal).finally(() => {
      this.#working.delete(work);
      if (this.#errands.get(name)?.order === order.generation) this.#errands.delete(name);
    });
    this.#working.add(work);
  }

  /** Its document may be on its way; what does not come is told. */
  #missing(name: string, { generation, wanted }: ModelOrder): void {
    const { clock, fleet } = this.#parts;
    if (wanted === 'unloaded') return fleet.carriedOut(name, generation);
    const since = this.#unknownSince.get(name) ?? clock.now();
    this.#unknownSince.set(name, since);
    if (clock.now() - since < fleet.patience.unknownMs) return;
    fleet.carriedOut(name, generation, `there is no model "${name}" on this instance`);
  }

  /** Never rejects. */
  async #carryOut(model: KnownModel, order: ModelOrder, signal: AbortSignal): Promise<void> {
    const { fleet, ready, unload, registry } = this.#parts;
    const progress = quiet(signal);
    try {
      if (order.wanted === 'loaded') {
        await fleet.load(model, signal, () => ready.run(model, progress, order.alias));
      } else if (model.alive) {
        // An alias that still leads to it here moves on first, or the order is void.
        if (registry.aliases.of(model.name).length > 0) return;
        await unload.run(model, progress);
      }
      fleet.carriedOut(model.name, order.generation);
    } catch (thrown) {
      if (signal.aborted) return;
      const { message } = toParleyError(thrown);
      // What is wanted again meanwhile stays; the order counts as carried out.
      fleet.carriedOut(model.name, order.generation, order.wanted === 'loaded' ? message : '');
    }
    if (order.wanted === 'unloaded') await this.#restoreAliases();
  }

  /** Aliases whose model had to go for one that is not wanted any more get it back. */
  async #restoreAliases(): Promise<void> {
    const { registry, waits } = this.#parts;
    for (const { alias, model } of registry.aliases.all) {
      if (waits.noticeOf(alias) === undefined) continue;
      await registry
        .model(model)
        .open()
        .settled(registry.closing)
        .catch(() => undefined);
      waits.over(alias);
    }
  }

  #follow(alias: string, { model: name, generation, previous }: DesiredAlias): void {
    const { registry, waits, events, clock } = this.#parts;
    const target = registry.named(name);
    if (target === undefined) return;
    if (target.state.phase !== 'ready') return this.#fetch(target, alias, generation);
    const pointer = registry.pointer(alias);
    const left = registry.named(pointer.model);
    const { wanted: _, ...rest } = pointer;
    registry.aliases.set({ ...rest, model: name, generation, previous });
    waits.over(alias);
    target.keptSince = undefined;
    if (left?.alive === true && registry.aliases.of(left.name).length === 0) left.keptSince = clock.now();
    events.followed(alias, pointer.model, target.identity, generation);
  }

  /** An alias was moved to a model that is not loaded here yet. */
  #fetch(target: KnownModel, alias: string, generation: number): void {
    const key = `alias ${alias}`;
    const errand = this.#errands.get(key);
    if (errand?.order === generation || this.#errands.has(target.name)) return;
    errand?.abort.abort();
    const abort = new AbortController();
    this.#errands.set(key, { order: generation, abort });
    const { fleet, ready, events } = this.#parts;
    const work = fleet
      .load(target, abort.signal, () => ready.run(target, quiet(abort.signal), alias))
      .then(() => this.#errands.delete(key))
      // It is tried again with the next move only; until then this instance says that it lags behind.
      .catch((thrown: unknown) => {
        if (!abort.signal.aborted) events.unusable(target.name, toParleyError(thrown));
      })
      .then(() => void this.#working.delete(work));
    this.#working.add(work);
  }

  async #announce(): Promise<void> {
    const { fleet, clock } = this.#parts;
    const report = this.#report();
    const text = JSON.stringify(report);
    if (text === this.#said && clock.now() - this.#saidAt < announceMs) return;
    await fleet.announce(report);
    this.#said = text;
    this.#saidAt = clock.now();
  }

  #report(): InstanceReport {
    const { registry, fleet, instance } = this.#parts;
    const models = registry.models.map((model) => ({
      name: model.name,
      digest: model.identity.digest,
      phase: model.state.phase,
      reason: model.state.phase === 'ready' ? '' : model.state.reason,
      ...fleet.progressOf(model.name),
    }));
    // What is not known here has an order all the same.
    const unknown = [...this.#unknownSince.keys()].map((name) => ({
      name,
      digest: '',
      phase: 'registered' as const,
      reason: 'it is not known here yet',
      ...fleet.progressOf(name),
    }));
    const aliases = registry.aliases.all.map(({ alias, model, generation }) => ({
      alias,
      model,
      generation,
    }));
    return { instance, models: [...models, ...unknown], aliases };
  }
}

function quiet(signal: AbortSignal): MoveProgress {
  const ignore = (): void => undefined;
  return { signal, stage: ignore, share: ignore, note: ignore };
}
