import type { CallProfile, ModelDefinition } from '../../domain/models/model-definition.ts';
import type { LocalProgram } from '../../domain/sources/model-source.ts';

/** A model that another program keeps on this machine. */
export interface LocalModel {
  readonly program: LocalProgram;
  /** As that program calls it. */
  readonly name: string;
  /** Absolute paths; of a split model all parts in order. */
  readonly paths: readonly string[];
  readonly bytes: number;
  /** Of the only file, where the program says what it is. */
  readonly sha256?: string;
  /** '' when the program says nothing. */
  readonly license: string;
  /** How the program calls it. */
  readonly profile: CallProfile;
  /** Why it cannot be used here; '' = it can. */
  readonly problem: string;
}

/** Models in the folders of other programs, which are only ever read. */
export interface LocalModels {
  /** In order of program and name. What cannot be read is left out. */
  list(signal: AbortSignal): Promise<LocalModel[]>;
}

/** A model that is used where another program keeps it. */
export interface AdoptedModel {
  /** As it is called here. */
  readonly name: string;
  /** Such as `ollama:qwen3:0.6b`. */
  readonly source: string;
  /** Absolute path of its first file. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256?: string;
  readonly contextTokens: number;
  readonly terms: ModelDefinition['terms'];
  readonly profile: CallProfile;
}

/** Which models are used where other programs keep them. */
export interface AdoptedModels {
  /** In order of name; without those whose file is gone. */
  list(): Promise<AdoptedModel[]>;
  /** @throws CacheFault when it cannot be written. */
  keep(model: AdoptedModel): Promise<void>;
}
