import type { FactoryProvider } from '@nestjs/common';
import { Jobs } from '@parley/jobs';
import { sleep, systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { FileCacheRoom } from './adapters/outbound/pull/file-cache-room.ts';
import { FileModelCache } from './adapters/outbound/pull/file-model-cache.ts';
import { ConfiguredEvaluations } from './adapters/outbound/quantise/compile-evaluations.ts';
import { FileQuantisedRecords } from './adapters/outbound/quantise/file-quantised-records.ts';
import { GgufJudge } from './adapters/outbound/quantise/gguf-judge.ts';
import { LlamaWeightsWriter } from './adapters/outbound/quantise/llama-weights-writer.ts';
import { SystemMemory } from './adapters/outbound/system-memory.ts';
import { engineEnvironment } from './config.ts';
import type { ModelServiceConfig } from './config.ts';
import { ModelMoves } from './domain/switching/model-moves.ts';
import { ModelRegistry } from './domain/models/model-registry.ts';
import { PruneCache } from './domain/pull/prune-cache.ts';
import type { Evaluation } from './domain/quantise/evaluation.ts';
import { QuantisedFiles } from './domain/quantise/quantised-files.ts';
import { QuantisedModels, quantizeKind } from './domain/quantise/quantised-models.ts';
import { JobServiceEvents } from './job-events.ts';
import { QUANTISED_MODELS } from './tokens.ts';

/** How often models are looked for that another process quantised. */
const refreshEveryMs = 5000;

/** Makes files with fewer bits out of models' weights. */
export function quantisedFilesProvider({ models }: ModelServiceConfig): FactoryProvider {
  return {
    provide: QuantisedFiles,
    inject: [PruneCache],
    useFactory: (bound: PruneCache) =>
      new QuantisedFiles({
        cache: new FileModelCache(models.cacheDir),
        room: new FileCacheRoom(models.cacheDir),
        writer: new LlamaWeightsWriter(models.cacheDir, engineEnvironment(1)),
        bound,
      }),
  };
}

/** Models that were quantised, and the gate before they may answer to their source's name. */
export function quantisedModelsProvider(
  { models }: ModelServiceConfig,
  evaluations: ReadonlyMap<string, Evaluation>,
): FactoryProvider {
  return {
    provide: QuantisedModels,
    inject: [RUNTIME, ModelRegistry, ModelMoves, QuantisedFiles],
    useFactory: (
      { metrics, logger }: ServiceRuntime,
      registry: ModelRegistry,
      moves: ModelMoves,
      files: QuantisedFiles,
    ) => {
      const events = new JobServiceEvents(metrics, logger);
      const { threads, cacheDir: folder, promptTokensPerStep } = models;
      return new QuantisedModels({
        registry,
        moves,
        files,
        records: new FileQuantisedRecords(new FileModelCache(folder)),
        memory: new SystemMemory(),
        judge: new GgufJudge({ threads, environment: engineEnvironment(1), onLog: () => undefined }),
        evaluations: new ConfiguredEvaluations(evaluations),
        folder,
        promptTokensPerStep,
        clock: systemClock,
        onNotRegistered: (name, error) => events.notRegistered(name, error),
      });
    },
  };
}

/** Registers what was quantised earlier, and the work of such jobs. */
export const quantisedStartProvider: FactoryProvider = {
  provide: QUANTISED_MODELS,
  inject: [RUNTIME, QuantisedModels, Jobs],
  useFactory: async ({ shutdown }: ServiceRuntime, quantised: QuantisedModels, jobs: Jobs) => {
    jobs.register(
      quantizeKind,
      ({ model, format, leastKept, requantize, replace }, progress) => {
        const flags = { requantize: requantize === true, replace: replace === true };
        const request = {
          model: String(model),
          format: String(format),
          leastKept: Number(leastKept),
          ...flags,
        };
        return quantised.quantise(request, progress);
      },
      // It takes all cores that nobody else wants.
      { concurrency: 1 },
    );
    await quantised.refresh();
    const closing = new AbortController();
    const watching = watch(quantised, closing.signal);
    shutdown.addAfterClose('stop looking for quantised models', async () => {
      closing.abort();
      await watching;
    });
    return true;
  },
};

async function watch(quantised: QuantisedModels, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(refreshEveryMs, signal).catch(() => undefined);
    if (!signal.aborted) await quantised.refresh();
  }
}
