import { ParleyError, reworded, sleep } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { LeaseStore, Member, MemberStore } from '@parley/state/ports';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { KnownModel } from '../models/known-model.ts';
import type { DesiredModels, ModelOrder } from './desired-models.ts';
import { FleetLease } from './fleet-lease.ts';
import { reportOf } from './instance-report.ts';
import type { InstanceReport, ModelReport } from './instance-report.ts';

/** How the instances wait for each other, in milliseconds. */
export interface FleetPatience {
  /** Between two looks at what the others say. */
  readonly lookMs: number;
  /** Between two looks at the orders: a move is everywhere this much later. */
  readonly roundMs: number;
  /** An instance whose load makes no progress for this long keeps nobody any longer. */
  readonly stuckMs: number;
  /** How long the others may take to move an alias once the order is written. */
  readonly followMs: number;
  /** How long an instance may not know a model that was ordered: its documents may be on their way. */
  readonly unknownMs: number;
}

const fleetPatience: FleetPatience = {
  lookMs: 100,
  roundMs: 250,
  stuckMs: 600_000,
  followMs: 15_000,
  unknownMs: 15_000,
};

/** What the fleet of model instances is made of. */
export interface FleetParts {
  readonly members: MemberStore;
  readonly leases: LeaseStore;
  readonly orders: DesiredModels;
  /** This instance. */
  readonly instance: string;
  readonly clock: Clock;
  readonly patience?: Partial<FleetPatience>;
}

const group = 'model';
/** Longer than several announcements of an instance that is busy. */
const memberMs = 10_000;

/** The model instances that share a state store: orders that all carry out, and what each says about itself. */
export class ModelFleet {
  readonly patience: FleetPatience;
  readonly #parts: FleetParts;
  readonly #moving: FleetLease;
  readonly #loading: FleetLease;
  /** By model: the newest order that this instance has given or carried out. */
  readonly #carriedOut = new Map<string, { readonly order: number; readonly failure: string }>();
  /** Models about which this instance gives an order just now. */
  readonly #ordering = new Set<string>();

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.patience = { ...fleetPatience, ...parts.patience };
    this.#moving = new FleetLease(parts.leases, 'models/move', parts.instance);
    this.#loading = new FleetLease(parts.leases, 'models/load', parts.instance);
  }

  /** Carries out an order of the fleet: one at a time, wherever they are given. */
  move<T>(progress: MoveProgress, work: () => Promise<T>): Promise<T> {
    return this.#moving.hold(progress.signal, work, () => progress.stage('waiting for another order'));
  }

  /** Loads on one instance at a time: they may share a machine, and a fault is known before the next one has it. */
  load<T>(model: KnownModel, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return model.state.phase === 'ready' ? work() : this.#loading.hold(signal, work);
  }

  /** Every order that there is, by model. */
  orders(): Promise<ReadonlyMap<string, ModelOrder>> {
    return this.#parts.orders.read();
  }

  /** Orders something for a model on all instances; this one is taken to carry it out by itself. */
  async order(model: KnownModel, wanted: ModelOrder['wanted'], alias = ''): Promise<ModelOrder> {
    this.#ordering.add(model.name);
    try {
      const order = await this.#parts.orders.write(model.definition, wanted, alias);
      this.carriedOut(model.name, order.generation);
      return order;
    } finally {
      this.#ordering.delete(model.name);
    }
  }

  /** Whether this instance has yet to carry out an order. */
  owes(model: string, { generation }: ModelOrder): boolean {
    return !this.#ordering.has(model) && (this.#carriedOut.get(model)?.order ?? 0) < generation;
  }

  /** This instance has carried an order out, or could not: then `failure` says why. */
  carriedOut(model: string, order: number, failure = ''): void {
    if ((this.#carriedOut.get(model)?.order ?? 0) <= order) this.#carriedOut.set(model, { order, failure });
  }

  /** How far this instance has come with the orders about a model. */
  progressOf(model: string): { readonly order: number; readonly failure: string } {
    return this.#carriedOut.get(model) ?? { order: 0, failure: '' };
  }

  /** Tells the others about this instance. @returns what all say, this one among them. */
  async announce(report: InstanceReport): Promise<readonly InstanceReport[]> {
    const { models, aliases } = report;
    const member = { name: this.#parts.instance, body: JSON.stringify({ models, aliases }) };
    return reports(await this.#parts.members.announce(group, member, memberMs));
  }

  /** What every living instance says about itself. */
  async instances(): Promise<readonly InstanceReport[]> {
    return reports(await this.#parts.members.list(group));
  }

  /** This instance goes: nobody waits for it any longer. */
  leave(): Promise<void> {
    return this.#parts.members.leave(group, this.#parts.instance);
  }

  /** Why this instance could not load a model, with its name where there are others: they may have what it lacks. */
  async failedHere(model: string, error: ParleyError): Promise<ParleyError> {
    const others = await this.#others().catch(() => []);
    if (others.length === 0) return error;
    return reworded(error, failureText(model, this.#parts.instance, error.message));
  }

  /**
   * Resolves when every other instance has carried out the order that a model be loaded.
   * @throws ParleyError of the first that could not, naming the instance; the signal's reason.
   */
  async loadedElsewhere(model: string, { generation }: ModelOrder, progress: MoveProgress): Promise<void> {
    const { clock } = this.#parts;
    let seen = '';
    for (let since = clock.now(); ; await sleep(this.patience.lookMs, progress.signal)) {
      const others = (await this.#others()).map(({ instance, models }) => ({
        instance,
        model: models.find(({ name }) => name === model),
      }));
      const failed = others.find((other) => other.model?.order === generation && other.model.failure !== '');
      if (failed !== undefined) throw failedThere(model, failed.instance, failed.model);
      const late = others.filter((other) => (other.model?.order ?? 0) < generation);
      if (late.length === 0) return;
      const text = late
        .map((other) => `${other.instance} (${other.model?.reason ?? 'not heard of'})`)
        .join(', ');
      progress.stage(`${model}: waiting for ${text}`);
      if (text !== seen) since = clock.now();
      seen = text;
      if (clock.now() - since > this.patience.stuckMs) throw stuck(model, text);
    }
  }

  /** Resolves when every other instance has carried out an order, or its time is over: with those that have not. */
  async unloadedElsewhere(
    model: string,
    { generation }: ModelOrder,
    withinMs: number,
    signal: AbortSignal,
  ): Promise<string[]> {
    return this.#until(withinMs, signal, ({ models }) =>
      models.some(({ name, order }) => name === model && order >= generation),
    );
  }

  /** The same once they have moved an alias. */
  movedElsewhere(alias: string, generation: number, signal: AbortSignal): Promise<string[]> {
    return this.#until(this.patience.followMs, signal, ({ aliases }) =>
      aliases.some((moved) => moved.alias === alias && moved.generation >= generation),
    );
  }

  async #until(
    withinMs: number,
    signal: AbortSignal,
    isDone: (report: InstanceReport) => boolean,
  ): Promise<string[]> {
    const { clock } = this.#parts;
    for (const startedAt = clock.now(); ; await sleep(this.patience.lookMs, signal)) {
      const late = (await this.#others()).filter((report) => !isDone(report));
      if (late.length === 0 || clock.now() - startedAt > withinMs)
        return late.map(({ instance }) => instance);
    }
  }

  async #others(): Promise<InstanceReport[]> {
    return (await this.instances()).filter(({ instance }) => instance !== this.#parts.instance);
  }
}

function reports(members: readonly Member[]): InstanceReport[] {
  return members.map(({ name, body }) => reportOf(name, body));
}

function failedThere(model: string, instance: string, report: ModelReport | undefined): ParleyError {
  const message = failureText(model, instance, report?.failure ?? '');
  return new ParleyError('engine_failed', message, { retryable: false });
}

function failureText(model: string, instance: string, why: string): string {
  return `Instance ${instance} could not load model "${model}": ${why}`;
}

function stuck(model: string, who: string): ParleyError {
  const message = `Model "${model}" was not loaded everywhere: no progress of ${who}.`;
  return new ParleyError('engine_failed', message, { retryable: false });
}
