import type { ModelDefinition } from '../../domain/models/model-definition.ts';

/** A file of a repository. */
export interface HubFile {
  /** With `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Of large files; small ones have none. */
  readonly sha256?: string;
}

/** A repository at one moment. */
export interface HubRepository {
  readonly repository: string;
  /** The state of things that `files` is the list of; it never changes. */
  readonly commit: string;
  readonly files: readonly HubFile[];
  /** As its page says; the licence is '' when it says nothing. */
  readonly terms: ModelDefinition['terms'];
}

/** A hub of models. */
export interface ModelHub {
  /**
   * What a repository holds.
   * @param revision a branch, a tag or a commit
   * @throws ParleyError that says why it cannot be had, in words that follow its name; the signal's reason.
   */
  look(repository: string, revision: string, signal: AbortSignal): Promise<HubRepository>;
}
