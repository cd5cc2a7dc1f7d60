import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { Jobs } from '@parley/jobs';
import { sleep, systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import { CachedFileDigests } from './adapters/outbound/cached-file-digests.ts';
import { FileConvertedRecords } from './adapters/outbound/convert/file-converted-records.ts';
import { FileShardFolders } from './adapters/outbound/convert/file-shard-folders.ts';
import { FileCacheRoom } from './adapters/outbound/pull/file-cache-room.ts';
import { FileModelCache } from './adapters/outbound/pull/file-model-cache.ts';
import type { ModelServiceConfig } from './config.ts';
import { llamaConverter } from './converter.ts';
import { ConvertOnLoad } from './domain/convert/convert-on-load.ts';
import { ConvertedFiles } from './domain/convert/converted-files.ts';
import type { ConvertedFilesParts } from './domain/convert/converted-files.ts';
import { ConvertedModels, convertKind } from './domain/convert/converted-models.ts';
import { ModelRegistry } from './domain/models/model-registry.ts';
import { PruneCache } from './domain/pull/prune-cache.ts';
import type { FileDigests } from './ports/file-digests.ts';
import { JobServiceEvents } from './job-events.ts';
import { CONVERTED_MODELS } from './tokens.ts';

/** How often models are looked for that another process converted. */
const refreshEveryMs = 5000;

/** Models that were converted from folders with safetensors. */
export function convertedModelsProvider(config: ModelServiceConfig): FactoryProvider {
  const { service, models } = config;
  return {
    provide: ConvertedModels,
    inject: [RUNTIME, ModelRegistry, PruneCache],
    useFactory: ({ metrics, logger }: ServiceRuntime, registry: ModelRegistry, bound: PruneCache) => {
      const events = new JobServiceEvents(metrics, logger);
      return new ConvertedModels({
        registry,
        folders: new FileShardFolders(new CachedFileDigests(join(service.dataDir, 'shard-digests.json'))),
        files: convertedFiles(config, bound),
        records: new FileConvertedRecords(new FileModelCache(models.cacheDir)),
        cacheFolder: models.cacheDir,
        clock: systemClock,
        onNotRegistered: (name, error) => events.notRegistered(name, error),
      });
    },
  };
}

/** Registers what was converted earlier, and the work of such jobs. */
export const convertedStartProvider: FactoryProvider = {
  provide: CONVERTED_MODELS,
  inject: [RUNTIME, ConvertedModels, Jobs],
  useFactory: async ({ shutdown }: ServiceRuntime, converted: ConvertedModels, jobs: Jobs) => {
    jobs.register(
      convertKind,
      ({ folder, name, preTokenizer }, progress) => {
        const request = { folder: String(folder), name: String(name), preTokenizer: String(preTokenizer) };
        return converted.convert(request, progress);
      },
      { concurrency: 1 },
    );
    await converted.refresh();
    const closing = new AbortController();
    const watching = watch(converted, closing.signal);
    shutdown.addAfterClose('stop looking for converted models', async () => {
      closing.abort();
      await watching;
    });
    return true;
  },
};

/** The disk's own room bounds what loads write; the cache's bound is kept by the jobs after it. */
export function convertOnLoad(config: ModelServiceConfig, digests: FileDigests): ConvertOnLoad {
  const bound = { makeRoom: () => Promise.resolve() };
  return new ConvertOnLoad(new FileShardFolders(digests), convertedFiles(config, bound));
}

function convertedFiles(config: ModelServiceConfig, bound: ConvertedFilesParts['bound']): ConvertedFiles {
  const { cacheDir } = config.models;
  return new ConvertedFiles({
    cache: new FileModelCache(cacheDir),
    room: new FileCacheRoom(cacheDir),
    converter: llamaConverter(config),
    bound,
  });
}

async function watch(converted: ConvertedModels, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(refreshEveryMs, signal).catch(() => undefined);
    if (!signal.aborted) await converted.refresh();
  }
}
