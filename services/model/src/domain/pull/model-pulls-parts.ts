import type { Clock } from '@parley/kernel';
import type { AdoptedModels, LocalModels } from '../../ports/pull/local-models.ts';
import type { ModelHub } from '../../ports/pull/model-hub.ts';
import type { ModelShelf } from '../../ports/pull/model-shelf.ts';
import type { PullEvents } from '../../ports/pull/pull-events.ts';
import type { CatalogEntry } from '../catalog/catalog-entry.ts';
import type { PruneCache } from './prune-cache.ts';
import type { FilePullParts } from './pull-file.ts';

/** What pulls need. */
export interface ModelPullsParts extends FilePullParts {
  readonly entries: readonly CatalogEntry[];
  readonly shelf: ModelShelf;
  readonly events: PullEvents;
  readonly hub: ModelHub;
  readonly local: LocalModels;
  readonly adopted: AdoptedModels;
  readonly bound: PruneCache;
  /** Unix time. */
  readonly clock: Clock;
}
