import type { FactoryProvider, Type } from '@nestjs/common';
import { Jobs, KeyedJobs } from '@parley/jobs';
import { sleep, systemClock } from '@parley/kernel';
import { RUNTIME } from '@parley/nest';
import type { ServiceRuntime } from '@parley/nest';
import type { StateStore } from '@parley/state/ports';
import { CancelModelJobController } from './adapters/inbound/grpc/cancel-model-job.ts';
import { GetModelJobController } from './adapters/inbound/grpc/get-model-job.ts';
import { ListCatalogController } from './adapters/inbound/grpc/list-catalog.ts';
import { ListLocalModelsController } from './adapters/inbound/grpc/list-local-models.ts';
import { ListModelJobsController } from './adapters/inbound/grpc/list-model-jobs.ts';
import { PruneModelsController } from './adapters/inbound/grpc/prune-models.ts';
import { PullModelController } from './adapters/inbound/grpc/pull-model.ts';
import { LocalFolders } from './adapters/outbound/local/local-folders.ts';
import { FileAdoptedModels } from './adapters/outbound/pull/file-adopted-models.ts';
import { FileCacheRoom } from './adapters/outbound/pull/file-cache-room.ts';
import { FileModelCache } from './adapters/outbound/pull/file-model-cache.ts';
import { RegistryShelf } from './adapters/outbound/pull/registry-shelf.ts';
import type { HubOptions } from './adapters/outbound/sources/hub-access.ts';
import { HubClient } from './adapters/outbound/sources/hub-client.ts';
import { Sources } from './adapters/outbound/sources/sources.ts';
import { localFolderPaths, pipEnvironment } from './config.ts';
import type { ModelServiceConfig } from './config.ts';
import type { CatalogEntry } from './domain/catalog/catalog-entry.ts';
import { ModelRegistry } from './domain/models/model-registry.ts';
import { ModelPulls, pullKind } from './domain/pull/model-pulls.ts';
import { PruneCache } from './domain/pull/prune-cache.ts';
import { JobServiceEvents } from './job-events.ts';
import { PULLED_MODELS, STATE } from './tokens.ts';

/** How often models are looked for that another process pulled. */
const refreshEveryMs = 5000;

/** The RPCs of pulls and jobs. */
export const pullControllers: Type[] = [
  PullModelController,
  ListCatalogController,
  ListLocalModelsController,
  PruneModelsController,
  GetModelJobController,
  ListModelJobsController,
  CancelModelJobController,
];

/** The jobs of this service. They are launched by whoever has registered the last kind. */
export function jobsProvider({ jobs: limits }: ModelServiceConfig): FactoryProvider {
  return {
    provide: Jobs,
    inject: [RUNTIME, STATE],
    useFactory: ({ metrics, logger, instanceId, shutdown }: ServiceRuntime, store: StateStore) => {
      const jobs = new Jobs({
        store,
        owner: instanceId,
        events: new JobServiceEvents(metrics, logger),
        limits,
      });
      shutdown.addAfterClose('give running jobs back', () => jobs[Symbol.asyncDispose]());
      return jobs;
    },
  };
}

/** Starts the jobs that clients may ask for again under an Idempotency-Key. */
export const keyedJobsProvider: FactoryProvider = {
  provide: KeyedJobs,
  inject: [RUNTIME, STATE, Jobs],
  useFactory: ({ metrics, logger }: ServiceRuntime, { idempotency }: StateStore, jobs: Jobs) =>
    new KeyedJobs(jobs, { store: idempotency, events: new JobServiceEvents(metrics, logger) }),
};

/** Models that can be pulled, by the entries of the catalogue. */
export function catalogProvider(
  config: ModelServiceConfig,
  entries: readonly CatalogEntry[],
): FactoryProvider {
  const { models, pulls } = config;
  return {
    provide: ModelPulls,
    inject: [RUNTIME, ModelRegistry, PruneCache],
    useFactory: ({ metrics, logger }: ServiceRuntime, registry: ModelRegistry, bound: PruneCache) => {
      const folder = models.cacheDir;
      const room = new FileCacheRoom(folder);
      const hub = hubOptions(config);
      const { allowHttp } = pulls;
      return new ModelPulls({
        entries,
        cache: new FileModelCache(folder),
        room,
        fetcher: new Sources(room, {
          folder,
          hub,
          pip: { python: pulls.python, environment: pipEnvironment() },
          allowHttp,
        }),
        shelf: new RegistryShelf(registry),
        events: new JobServiceEvents(metrics, logger),
        hub: new HubClient(hub, allowHttp),
        local: new LocalFolders(localFolderPaths(config)),
        adopted: new FileAdoptedModels(folder),
        bound,
        clock: systemClock,
      });
    },
  };
}

/** Keeps the model cache within its bound. */
export function pruneProvider(
  { models }: ModelServiceConfig,
  entries: readonly CatalogEntry[],
): FactoryProvider {
  return {
    provide: PruneCache,
    inject: [ModelRegistry],
    useFactory: (registry: ModelRegistry) =>
      new PruneCache({
        entries,
        cache: new FileModelCache(models.cacheDir),
        room: new FileCacheRoom(models.cacheDir),
        shelf: new RegistryShelf(registry),
        clock: systemClock,
        maxBytes: models.cacheMaxBytes,
      }),
  };
}

function hubOptions({ pulls }: ModelServiceConfig): HubOptions {
  const { hubEndpoint, hubToken, hubTokenFile: tokenFile, commonHubToken } = pulls;
  const token = hubToken.reveal() || (tokenFile === '' ? commonHubToken.reveal() : '');
  return {
    endpoint: hubEndpoint.replace(/\/+$/, ''),
    token,
    tokenFile: hubToken.reveal() === '' ? tokenFile : '',
  };
}

/** Registers what was pulled earlier, and the work of pulls. */
export const pulledModelsProvider: FactoryProvider = {
  provide: PULLED_MODELS,
  inject: [RUNTIME, ModelPulls, Jobs],
  useFactory: async ({ shutdown }: ServiceRuntime, pulls: ModelPulls, jobs: Jobs) => {
    jobs.register(pullKind, ({ source }, progress) => pulls.pull(String(source), progress));
    await pulls.restore();
    const closing = new AbortController();
    const watching = watch(pulls, closing.signal);
    shutdown.addAfterClose('stop looking for pulled models', async () => {
      closing.abort();
      await watching;
    });
    return true;
  },
};

async function watch(pulls: ModelPulls, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pulls.refresh(signal);
    await sleep(refreshEveryMs, signal).catch(() => undefined);
  }
}
