import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { Jobs } from '@parley/jobs';
import type { Clock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { CheckResult, ServiceRuntime } from '@parley/nest';
import type { ControlStore } from '@parley/state/ports';
import { registerModelJobs } from './adapters/inbound/jobs/model-job-kinds.ts';
import { CachedFileDigests } from './adapters/outbound/cached-file-digests.ts';
import { makeEngines } from './adapters/outbound/engines.ts';
import { FileProbeVerdicts } from './adapters/outbound/file-probe-verdicts.ts';
import { SystemMemory } from './adapters/outbound/system-memory.ts';
import { engineEnvironment, readVariable } from './config.ts';
import type { ModelServiceConfig } from './config.ts';
import { Answers } from './domain/answers.ts';
import { DesiredAliases } from './domain/desired-aliases.ts';
import { FileProofs } from './domain/file-proofs.ts';
import { MemoryAdmission } from './domain/memory-admission.ts';
import type { ModelDefinition } from './domain/model-definition.ts';
import { ModelLoader } from './domain/model-loader.ts';
import { ModelMoves } from './domain/model-moves.ts';
import { defaultAlias, ModelRegistry } from './domain/model-registry.ts';
import { ModelStart } from './domain/model-start.ts';
import { ModelUnload } from './domain/model-unload.ts';
import { TextEmbeddings } from './domain/text-embeddings.ts';
import { ModelServiceEvents } from './events.ts';
import type { Engine } from './ports/engine.ts';
import { CONTROL, PULLED_MODELS, STARTED } from './tokens.ts';

const ENGINES = Symbol('ENGINES');

/** Durations are measured on it: it never goes back. */
const stopwatch: Clock = { now: () => performance.now() };

/** Longer than dialogue takes from resolving a model to asking it. */
const unloadGraceMs = 2000;
const mebibyte = 1024 * 1024;

/** The engines of this installation. */
export function enginesProvider({ models }: ModelServiceConfig, count: number): FactoryProvider {
  return {
    provide: ENGINES,
    inject: [RUNTIME, ModelServiceEvents],
    useFactory: ({ shutdown }: ServiceRuntime, events: ModelServiceEvents) => {
      const engines = makeEngines({
        threads: models.threads,
        environment: engineEnvironment(count),
        variable: (name) => readVariable(name),
        onLog: (level, message) => events.engineSaid(level, message),
      });
      shutdown.addAfterClose('end the engines', async () => {
        await Promise.all([...engines.values()].map((engine) => engine[Symbol.asyncDispose]()));
      });
      return engines;
    },
  };
}

/** The models that the documents describe; pulled ones join them. */
export function registryProvider(
  config: ModelServiceConfig,
  definitions: readonly ModelDefinition[],
): FactoryProvider {
  return {
    provide: ModelRegistry,
    inject: [RUNTIME, ENGINES, ModelServiceEvents],
    useFactory: (
      { readiness, shutdown }: ServiceRuntime,
      engines: ReadonlyMap<string, Engine>,
      events: ModelServiceEvents,
    ) => {
      const around = { loader: loaderOf(config), events, clock: stopwatch };
      const registry = new ModelRegistry(definitions, engines, around);
      readiness.add('default model', () => defaultModelHealth(registry));
      shutdown.add('finish running answers', () => registry.idle());
      shutdown.addAfterClose('unload the models', () => registry[Symbol.asyncDispose]());
      return registry;
    },
  };
}

function loaderOf({ service, models }: ModelServiceConfig): ModelLoader {
  const digests = new CachedFileDigests(join(service.dataDir, 'model-digests.json'));
  const verdicts = new FileProbeVerdicts(join(service.dataDir, 'model-probes.json'));
  return new ModelLoader({
    proofs: new FileProofs(digests, verdicts),
    memory: new MemoryAdmission(new SystemMemory(), models.memoryReserveMb * mebibyte),
    promptTokensPerStep: models.promptTokensPerStep,
    loadTimeoutMs: models.loadTimeoutMs,
  });
}

/** Loads, unloads, switches and rollbacks. */
export function movesProvider({ models }: ModelServiceConfig): FactoryProvider {
  return {
    provide: ModelMoves,
    inject: [ModelRegistry, CONTROL, ModelServiceEvents],
    useFactory: (registry: ModelRegistry, control: ControlStore, events: ModelServiceEvents) =>
      new ModelMoves({
        registry,
        desired: new DesiredAliases(control),
        events,
        unload: new ModelUnload({ graceMs: unloadGraceMs, drainMs: models.unloadDrainMs }),
        clock: stopwatch,
        keepPrevious: models.keepPrevious,
      }),
  };
}

/** Begins to load once everything that can be loaded is known, and takes up the work that was left. */
export const startedProvider: FactoryProvider = {
  provide: STARTED,
  inject: [ModelRegistry, ModelMoves, Jobs, CONTROL, ModelServiceEvents, PULLED_MODELS],
  useFactory: async (
    registry: ModelRegistry,
    moves: ModelMoves,
    jobs: Jobs,
    control: ControlStore,
    events: ModelServiceEvents,
  ) => {
    const start = new ModelStart(registry, new DesiredAliases(control), events);
    await start.restore();
    start.start();
    registerModelJobs(jobs, moves);
    await jobs.launch();
    return true;
  },
};

/** Generates answers. */
export const answersProvider: FactoryProvider = {
  provide: Answers,
  inject: [ModelRegistry, ModelServiceEvents],
  useFactory: (registry: ModelRegistry, events: ModelServiceEvents) =>
    new Answers(registry, events, stopwatch),
};

/** Makes vectors of texts. */
export const embeddingsProvider: FactoryProvider = {
  provide: TextEmbeddings,
  inject: [ModelRegistry],
  useFactory: (registry: ModelRegistry) => new TextEmbeddings(registry),
};

function defaultModelHealth(registry: ModelRegistry): CheckResult {
  const model = registry.find(defaultAlias);
  const { state } = model;
  if (state.phase === 'ready') return { ok: true };
  const isAway = state.phase === 'loading' && state.away !== undefined;
  return { ok: false, reason: model.whyNotReady(), lasting: isAway || state.phase === 'failed' };
}
