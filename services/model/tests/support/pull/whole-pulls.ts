import { join } from 'node:path';
import { systemClock } from '@parley/kernel';
import { LocalFolders } from '../../../src/adapters/outbound/local/local-folders.ts';
import type { LocalFolderPaths } from '../../../src/adapters/outbound/local/local-folders.ts';
import { FileAdoptedModels } from '../../../src/adapters/outbound/pull/file-adopted-models.ts';
import { FileCacheRoom } from '../../../src/adapters/outbound/pull/file-cache-room.ts';
import { FileModelCache } from '../../../src/adapters/outbound/pull/file-model-cache.ts';
import type { HubOptions } from '../../../src/adapters/outbound/sources/hub-access.ts';
import { HubClient } from '../../../src/adapters/outbound/sources/hub-client.ts';
import { Sources } from '../../../src/adapters/outbound/sources/sources.ts';
import { ModelPulls } from '../../../src/domain/pull/model-pulls.ts';
import { PruneCache } from '../../../src/domain/pull/prune-cache.ts';
import { FakeModelShelf } from '../../../src/ports/pull/fake-model-shelf.ts';

/** What a test may set. */
export interface WholePullsOptions {
  /** The folder of the cache. */
  readonly folder: string;
  readonly hub?: HubOptions;
  readonly local?: Partial<LocalFolderPaths>;
  readonly maxBytes?: number;
}

/** Pulls with everything real but the shelf: no engine opens the files, so they may be any bytes. */
export class WholePulls {
  readonly pulls: ModelPulls;
  readonly shelf = new FakeModelShelf();
  readonly cache: FileModelCache;
  readonly bound: PruneCache;
  readonly refusals: string[] = [];

  constructor({
    folder,
    hub = { endpoint: 'http://127.0.0.1:1', token: '' },
    local,
    maxBytes = 0,
  }: WholePullsOptions) {
    const room = new FileCacheRoom(folder);
    this.cache = new FileModelCache(folder);
    const { cache, shelf } = this;
    const clock = systemClock;
    this.bound = new PruneCache({ entries: [], cache, room, shelf, clock, maxBytes });
    this.pulls = new ModelPulls({
      entries: [],
      cache,
      room,
      fetcher: new Sources(room, {
        folder,
        hub,
        pip: { python: 'python3', environment: {} },
        allowHttp: false,
        times: { stallMs: 20_000, firstPauseMs: 5 },
      }),
      shelf,
      events: { notRegistered: (model) => void this.refusals.push(model) },
      hub: new HubClient(hub, false),
      local: new LocalFolders({ ollama: [], lmStudio: [], llamaCpp: [], hubCaches: [], ...local }),
      adopted: new FileAdoptedModels(folder),
      bound: this.bound,
      clock,
    });
  }

  static in(folder: string, change: Partial<WholePullsOptions> = {}): WholePulls {
    return new WholePulls({ folder: join(folder, 'cache'), ...change });
  }

  /** What is on the shelf, as far as tests look at it. */
  get registered(): { name: string; path: string; sha256: string | undefined; license: string }[] {
    return this.shelf.registered.map(({ name, path, sha256, terms }) => ({
      name,
      path,
      sha256,
      license: terms.license,
    }));
  }
}
