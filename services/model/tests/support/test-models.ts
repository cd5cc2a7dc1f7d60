import { openSqliteState } from '@parley/state';
import type { Clock } from '@parley/kernel';
import type { StateStore } from '@parley/state/ports';
import { Answers } from '../../src/domain/answers/answers.ts';
import type { AnswerUpdate } from '../../src/domain/answers/answers.ts';
import type { AnswerRequest } from '../../src/domain/answers/check-answer-request.ts';
import type { AliasPointer } from '../../src/domain/models/alias-table.ts';
import { AliasWaits } from '../../src/domain/switching/alias-waits.ts';
import { DesiredAliases } from '../../src/domain/switching/desired-aliases.ts';
import { DrainFirst } from '../../src/domain/switching/drain-first.ts';
import { DesiredModels } from '../../src/domain/fleet/desired-models.ts';
import { FleetFollow } from '../../src/domain/fleet/fleet-follow.ts';
import { ModelFleet } from '../../src/domain/fleet/model-fleet.ts';
import type { FleetPatience } from '../../src/domain/fleet/model-fleet.ts';
import { FirstUse } from '../../src/domain/loading/first-use.ts';
import { FileProofs } from '../../src/domain/loading/file-proofs.ts';
import { IdleModels } from '../../src/domain/loading/idle-models.ts';
import { MakeReady } from '../../src/domain/loading/make-ready.ts';
import { MemoryAdmission } from '../../src/domain/memory/memory-admission.ts';
import type { ModelDefinition } from '../../src/domain/models/model-definition.ts';
import { ModelLoader } from '../../src/domain/loading/model-loader.ts';
import { ModelMoves } from '../../src/domain/switching/model-moves.ts';
import { ModelRegistry } from '../../src/domain/models/model-registry.ts';
import { ModelStart } from '../../src/domain/switching/model-start.ts';
import { ModelReload } from '../../src/domain/switching/model-reload.ts';
import { ModelUnload } from '../../src/domain/loading/model-unload.ts';
import { FakeEngine } from '../../src/ports/fake-engine.ts';
import { FakeFileDigests } from '../../src/ports/fake-file-digests.ts';
import { FakeMachineMemory } from '../../src/ports/fake-machine-memory.ts';
import { FakeModelEvents } from '../../src/ports/fake-model-events.ts';
import { FakeMoveProgress } from '../../src/ports/fake-move-progress.ts';
import { FakeProbeVerdicts } from '../../src/ports/fake-probe-verdicts.ts';

/** What a test may set about its models; everything else is the same for all. */
export interface TestModelsOptions {
  readonly engine?: FakeEngine;
  /** The control data of an earlier process. */
  readonly state?: StateStore;
  readonly memory?: FakeMachineMemory;
  readonly verdicts?: FakeProbeVerdicts;
  readonly reserveBytes?: number;
  readonly keepPrevious?: boolean;
  readonly graceMs?: number;
  readonly drainMs?: number;
  readonly maxWaitMs?: number;
  readonly clock?: Clock;
  readonly instance?: string;
  readonly patience?: Partial<FleetPatience>;
  readonly limitBytes?: number;
}

export function aModel(change: Partial<ModelDefinition> = {}): ModelDefinition {
  return {
    name: 'small',
    version: '1.0.0',
    description: '',
    engine: 'fake',
    path: '/weights/small',
    aliases: ['default'],
    contextTokens: 100,
    slots: 2,
    maxQueued: 3,
    terms: { license: 'MIT' },
    load: { when: 'start' },
    profile: { sampling: {}, stop: [], systemRole: true },
    document: { digest: 'small-1', file: 'models/small.yaml' },
    ...change,
  };
}

/** A model that nothing but an order loads. */
export function anotherModel(name: string, change: Partial<ModelDefinition> = {}): ModelDefinition {
  const document = { digest: `${name}-1`, file: `models/${name}.yaml` };
  return aModel({
    name,
    path: `/weights/${name}`,
    aliases: [],
    load: { when: 'never' },
    document,
    ...change,
  });
}

export function aRequest(digest: string, change: Partial<AnswerRequest> = {}): AnswerRequest {
  return {
    digest,
    messages: [{ role: 'user', content: 'Hi' }],
    sampling: {},
    form: { kind: 'text' },
    maxOutputTokens: 0,
    stop: [],
    priority: 0,
    continues: false,
    ...change,
  };
}

/** How instances wait for each other in tests. */
const quick: FleetPatience = { lookMs: 10, roundMs: 20, stuckMs: 5_000, followMs: 2_000, unknownMs: 300 };

/** The whole domain of the service on fakes. */
export class TestModels implements AsyncDisposable {
  readonly engine: FakeEngine;
  readonly state: StateStore;
  readonly events = new FakeModelEvents();
  readonly memory: FakeMachineMemory;
  readonly registry: ModelRegistry;
  readonly moves: ModelMoves;
  readonly idle: IdleModels;
  readonly fleet: ModelFleet;
  readonly follow: FleetFollow;
  readonly waits: AliasWaits;
  readonly reload: ModelReload;
  /** Aliases and models that documents have switched. */
  readonly fileSwitches: string[] = [];
  readonly use: FirstUse;
  readonly answers: Answers;
  readonly #start: ModelStart;

  constructor(definitions: readonly ModelDefinition[], options: TestModelsOptions = {}) {
    const clock = options.clock ?? { now: () => performance.now() };
    const { events } = this;
    this.engine = options.engine ?? new FakeEngine();
    this.state = options.state ?? openSqliteState(':memory:');
    this.memory = options.memory ?? new FakeMachineMemory();
    const loader = new ModelLoader({
      proofs: new FileProofs(new FakeFileDigests(), options.verdicts ?? new FakeProbeVerdicts()),
      memory: new MemoryAdmission(this.memory, options.reserveBytes ?? 0, options.limitBytes),
      promptTokensPerStep: 128,
      loadTimeoutMs: 1e4,
    });
    this.registry = new ModelRegistry(definitions, new Map([['fake', this.engine]]), {
      loader,
      events,
      clock,
    });
    const desired = new DesiredAliases(this.state.control);
    const { registry } = this;
    const { graceMs = 0, drainMs = 10_000, keepPrevious = true } = options;
    const unload = new ModelUnload({ graceMs, drainMs });
    this.idle = new IdleModels(registry, graceMs);
    const { idle } = this;
    const { members, leases, control } = this.state;
    const { instance = 'one' } = options;
    const orders = new DesiredModels(control);
    const patience = { ...quick, ...options.patience };
    this.fleet = new ModelFleet({ members, leases, orders, instance, clock, patience });
    this.waits = new AliasWaits(clock);
    const drainFirst = new DrainFirst(registry, unload, this.waits, clock);
    const ready = new MakeReady({ registry, unload, idle, drainFirst });
    const { fleet, waits } = this;
    const tools = { registry, fleet, desired, events, unload, ready, waits, clock };
    this.moves = new ModelMoves({ ...tools, keepPrevious, unloadMs: 5_000 });
    this.follow = new FleetFollow({ ...tools, instance });
    this.reload = new ModelReload({ registry, ready, unload, orderSwitch: (to) => this.#orderSwitch(to) });
    const { maxWaitMs = 10_000 } = options;
    this.use = new FirstUse({ registry, idle, clock, maxWaitMs, lookEveryMs: 20 });
    this.answers = new Answers(this.use, events, clock);
    this.#start = new ModelStart(registry, desired, events, fleet);
  }

  async #orderSwitch({ alias, configured }: AliasPointer): Promise<void> {
    this.fileSwitches.push(`${alias} ${configured}`);
    await this.switch(configured, alias);
  }

  /** Started, with every model that loads by itself ready or failed. */
  static async launch(
    definitions: readonly ModelDefinition[] = [aModel(), anotherModel('big')],
    options: TestModelsOptions = {},
  ): Promise<TestModels> {
    const models = new TestModels(definitions, options);
    await models.start();
    const { registry } = models;
    const slots = registry.models.flatMap(({ slot }) => slot ?? []);
    await Promise.allSettled(slots.map((slot) => slot.settled(registry.closing)));
    return models;
  }

  async start(): Promise<void> {
    await this.#start.restore();
    this.#start.start();
  }

  /** Name of the model that an alias leads to. */
  target(alias = 'default'): string | undefined {
    return this.registry.aliases.get(alias)?.model;
  }

  phase(model: string): string {
    return this.registry.find(model).state.phase;
  }

  /** Carries an order out; what it told on its way comes back. */
  async ordered(order: (progress: FakeMoveProgress) => Promise<void>): Promise<FakeMoveProgress> {
    const progress = new FakeMoveProgress();
    await order(progress);
    return progress;
  }

  switch(model: string, alias = 'default'): Promise<FakeMoveProgress> {
    return this.ordered((progress) => this.moves.switch(alias, model, progress));
  }

  /** One answer as a turn gets it: the name is resolved, then the digest is asked. */
  ask(named = ''): AsyncGenerator<AnswerUpdate, void> {
    const { digest } = this.registry.resolve(named).identity;
    return this.answers.generate(aRequest(digest), { signal: this.registry.closing });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.follow[Symbol.asyncDispose]();
    await this.registry[Symbol.asyncDispose]();
    await this.state[Symbol.asyncDispose]();
  }
}

/** All of an answer: which model it names, and its text. */
export async function heard(
  updates: AsyncIterable<AnswerUpdate>,
): Promise<{ model: string; text: string; finished: boolean }> {
  let model = '';
  let text = '';
  let finished = false;
  for await (const update of updates) {
    if (update.type === 'started') model = update.model.name;
    if (update.type === 'chunk') text += update.text;
    if (update.type === 'finished') finished = true;
  }
  return { model, text, finished };
}
