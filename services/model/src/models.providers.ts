import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { fleetSecretFileOf, readFleetSecrets } from '@parley/config';
import { Jobs } from '@parley/jobs';
import { sleep } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { CheckResult, ServiceRuntime } from '@parley/nest';
import type { ControlStore } from '@parley/state/ports';
import { registerModelJobs } from './adapters/inbound/jobs/model-job-kinds.ts';
import { CachedFileDigests } from './adapters/outbound/cached-file-digests.ts';
import { makeEngines } from './adapters/outbound/engines.ts';
import { KeptKeys } from './adapters/outbound/gguf/kept/kept-keys.ts';
import { FileProbeVerdicts } from './adapters/outbound/file-probe-verdicts.ts';
import { FileCacheRoom } from './adapters/outbound/pull/file-cache-room.ts';
import { FileModelCache } from './adapters/outbound/pull/file-model-cache.ts';
import { LlamaWeightsWriter } from './adapters/outbound/quantise/llama-weights-writer.ts';
import { SystemMemory } from './adapters/outbound/system-memory.ts';
import { engineEnvironment, readVariable } from './config.ts';
import type { ModelServiceConfig } from './config.ts';
import { convertOnLoad } from './converted-models.module.ts';
import { Answers } from './domain/answers/answers.ts';
import { DesiredAliases } from './domain/switching/desired-aliases.ts';
import { FileProofs } from './domain/loading/file-proofs.ts';
import { FirstUse } from './domain/loading/first-use.ts';
import { IdleModels } from './domain/loading/idle-models.ts';
import { comesOnUse } from './domain/loading/load-policy.ts';
import { MemoryAdmission } from './domain/memory/memory-admission.ts';
import type { ModelDefinition } from './domain/models/model-definition.ts';
import { ModelLoader } from './domain/loading/model-loader.ts';
import { ModelFleet } from './domain/fleet/model-fleet.ts';
import { ModelMoves } from './domain/switching/model-moves.ts';
import { defaultAlias, ModelRegistry } from './domain/models/model-registry.ts';
import { ModelStart } from './domain/switching/model-start.ts';
import { PreciseWeights } from './domain/quantise/precise-weights.ts';
import { QuantisedFiles } from './domain/quantise/quantised-files.ts';
import { TextEmbeddings } from './domain/answers/text-embeddings.ts';
import { ModelServiceEvents } from './events.ts';
import type { Engine } from './ports/engine.ts';
import { CONTROL, CONVERTED_MODELS, ENGINES, PULLED_MODELS, QUANTISED_MODELS, STARTED } from './tokens.ts';

/** Durations are measured on it: it never goes back. */
const stopwatch: Clock = { now: () => performance.now() };

/** Longer than dialogue takes from resolving a model to asking it. */
const unloadGraceMs = 2000;
const mebibyte = 1024 * 1024;
const sweepEveryMs = 500;
/** Dialogue asks as often for a model on its way. */
const lookEveryMs = 250;

/** The engines of this installation. */
export function enginesProvider({ models, service }: ModelServiceConfig, count: number): FactoryProvider {
  return {
    provide: ENGINES,
    inject: [RUNTIME, ModelServiceEvents],
    useFactory: ({ shutdown }: ServiceRuntime, events: ModelServiceEvents) => {
      const engines = makeEngines({
        threads: models.threads,
        gpu: models.gpu,
        environment: engineEnvironment(count),
        variable: (name) => readVariable(name),
        onLog: (level, message) => events.engineSaid(level, message),
        onRestart: (why) => events.hostRestarted(why),
        replaceHosts: models.replaceHosts,
        kept: {
          folder: models.keptDir === '' ? join(service.dataDir, 'model-kept') : models.keptDir,
          keys: KeptKeys.fromSecrets(
            readFleetSecrets(fleetSecretFileOf(service)).map((secret) => secret.reveal()),
          ).toWire(),
          maxBytes: models.keptMb * mebibyte,
          leastTokens: models.keptTokens,
        },
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
      shutdown.add('keep what answers have left', async () => {
        await Promise.all(Array.from(engines.values(), async (engine) => engine.keep?.()));
      });
      shutdown.addAfterClose('unload the models', () => registry[Symbol.asyncDispose]());
      return registry;
    },
  };
}

function loaderOf(config: ModelServiceConfig): ModelLoader {
  const { service, models, convert } = config;
  const digests = new CachedFileDigests(join(service.dataDir, 'model-digests.json'));
  const verdicts = new FileProbeVerdicts(join(service.dataDir, 'model-probes.json'));
  return new ModelLoader({
    proofs: new FileProofs(digests, verdicts, {
      precise: preciseWeights(models),
      ...(convert.onLoad ? { convert: convertOnLoad(config, digests) } : {}),
    }),
    memory: new MemoryAdmission(
      new SystemMemory(),
      models.memoryReserveMb * mebibyte,
      models.memoryMb === 0 ? Number.POSITIVE_INFINITY : models.memoryMb * mebibyte,
    ),
    promptTokensPerStep: models.promptTokensPerStep,
    targetGapMs: models.targetGapMs,
    loadTimeoutMs: models.loadTimeoutMs,
  });
}

/** The disk's own room bounds what loads write; the cache's bound is kept by the pulls and quantisations after it. */
function preciseWeights({ cacheDir }: ModelServiceConfig['models']): PreciseWeights {
  const files = new QuantisedFiles({
    cache: new FileModelCache(cacheDir),
    room: new FileCacheRoom(cacheDir),
    writer: new LlamaWeightsWriter(cacheDir, engineEnvironment(1)),
    bound: { makeRoom: () => Promise.resolve() },
  });
  return new PreciseWeights(files);
}

/** Takes models out of memory that nobody uses. */
export const idleProvider: FactoryProvider = {
  provide: IdleModels,
  inject: [RUNTIME, ModelRegistry],
  useFactory: ({ shutdown }: ServiceRuntime, registry: ModelRegistry) => {
    const idle = new IdleModels(registry, unloadGraceMs);
    const closing = new AbortController();
    const sweeping = sweep(idle, closing.signal);
    shutdown.addAfterClose('stop looking for idle models', async () => {
      closing.abort();
      await sweeping;
    });
    return idle;
  },
};

async function sweep(idle: IdleModels, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await idle.sweep();
    await sleep(sweepEveryMs, signal).catch(() => undefined);
  }
}

/** Leads callers to models. */
export function firstUseProvider({ models }: ModelServiceConfig): FactoryProvider {
  return {
    provide: FirstUse,
    inject: [ModelRegistry, IdleModels],
    useFactory: (registry: ModelRegistry, idle: IdleModels) =>
      new FirstUse({ registry, idle, clock: stopwatch, maxWaitMs: models.firstUseWaitMs, lookEveryMs }),
  };
}

/** Begins to load once everything that can be loaded is known, and takes up the work that was left. */
export const startedProvider: FactoryProvider = {
  provide: STARTED,
  inject: [
    ModelRegistry,
    ModelMoves,
    Jobs,
    CONTROL,
    ModelServiceEvents,
    ModelFleet,
    PULLED_MODELS,
    QUANTISED_MODELS,
    CONVERTED_MODELS,
  ],
  useFactory: async (
    registry: ModelRegistry,
    moves: ModelMoves,
    jobs: Jobs,
    control: ControlStore,
    events: ModelServiceEvents,
    fleet: ModelFleet,
  ) => {
    const start = new ModelStart(registry, new DesiredAliases(control), events, fleet);
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
  inject: [FirstUse, ModelServiceEvents],
  useFactory: (use: FirstUse, events: ModelServiceEvents) => new Answers(use, events, stopwatch),
};

/** Makes vectors of texts. */
export const embeddingsProvider: FactoryProvider = {
  provide: TextEmbeddings,
  inject: [ModelRegistry, FirstUse],
  useFactory: (registry: ModelRegistry, use: FirstUse) => new TextEmbeddings(registry, use),
};

function defaultModelHealth(registry: ModelRegistry): CheckResult {
  const model = registry.find(defaultAlias);
  const { state } = model;
  if (state.phase === 'ready') return { ok: true };
  // Its first caller brings it in.
  const isExpected = comesOnUse(model.definition) && state.phase !== 'failed';
  if (isExpected && (state.phase !== 'loading' || state.away === undefined)) return { ok: true };
  const isAway = state.phase === 'loading' && state.away !== undefined;
  return { ok: false, reason: model.whyNotReady(), lasting: isAway || state.phase === 'failed' };
}
