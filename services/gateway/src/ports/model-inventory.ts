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

/** What an administrator sees of the models. Both throw ParleyError `unavailable` when no model instance answers. */
export interface ModelInventory {
  /** Models and aliases as one instance knows them at one moment. */
  overview(call: Call): Promise<{ models: readonly ListedModel[]; aliases: readonly ModelAlias[] }>;
  catalog(call: Call): Promise<readonly CatalogModel[]>;
}
