import type { Call } from './call.ts';
import type { ListedModel } from './models.ts';

/** Where an alias points. */
export interface ModelAlias {
  readonly alias: string;
  readonly model: string;
  readonly digest: string;
  /** Grows by one with every move. */
  readonly generation: number;
  /** Where a rollback would move it; '' = nowhere. */
  readonly previousModel: string;
}

/** What one model instance says about itself. */
export interface ModelInstance {
  readonly instance: string;
  readonly models: readonly {
    readonly name: string;
    readonly digest: string;
    readonly state: ListedModel['state'];
    /** Why it is not ready; '' otherwise. */
    readonly reason: string;
  }[];
  readonly aliases: readonly {
    readonly alias: string;
    readonly model: string;
    /** Smaller than the alias's own while the instance follows a move. */
    readonly generation: number;
  }[];
}

/** Models and aliases as one instance knows them at one moment, and what all say about themselves. */
export interface ModelOverview {
  readonly models: readonly ListedModel[];
  readonly aliases: readonly ModelAlias[];
  readonly instances: readonly ModelInstance[];
}

/** A model that can be pulled by its name. */
export interface CatalogModel {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly license: string;
  readonly termsUrl: string;
  /** Undefined when not known. */
  readonly commercialUse: boolean | undefined;
  /** Codes such as `en`. */
  readonly languages: readonly string[];
  /** How many weights it has. */
  readonly parameters: number;
  readonly contextTokens: number;
  /** Of all its files. */
  readonly fileBytes: number;
  /** Whether all its files are here. */
  readonly installed: boolean;
  readonly engine: string;
  /** Whether this installation has the engine. */
  readonly engineAvailable: boolean;
}

/** A model that another program keeps on the machine of a model instance. */
export interface LocalModel {
  /** What a pull takes: `ollama:qwen3:0.6b`. */
  readonly source: string;
  /** `ollama`, `lmstudio` or `llamacpp`. */
  readonly program: string;
  readonly bytes: number;
  readonly paths: readonly string[];
  /** '' = not known. */
  readonly license: string;
  /** Why it cannot be used; '' = it can. */
  readonly problem: string;
}

/** The files of one model in the cache of pulled models. */
export interface CachedModel {
  readonly name: string;
  readonly bytes: number;
  readonly usedAtMs: number;
  /** Why it stays whatever the bound; '' = it could go. */
  readonly needed: string;
}

/** What was removed from the cache of pulled models, or would be. */
export interface PruneReport {
  /** The least recently used first. */
  readonly removed: readonly CachedModel[];
  readonly kept: readonly CachedModel[];
  /** 0 = there is no bound. */
  readonly maxBytes: number;
}

/** What an administrator sees of the models. All throw ParleyError `unavailable` when no model instance answers. */
export interface ModelInventory {
  overview(call: Call): Promise<ModelOverview>;
  catalog(call: Call): Promise<readonly CatalogModel[]>;
  local(call: Call): Promise<readonly LocalModel[]>;
  /**
   * Removes pulled models that nobody needs until they are within the bound.
   * @param options `maxBytes`: in place of the configured bound; `dryRun`: only tells
   */
  prune(options: { readonly dryRun: boolean; readonly maxBytes?: number }, call: Call): Promise<PruneReport>;
}
