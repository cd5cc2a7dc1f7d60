import type { ModelDefinition } from '../../domain/models/model-definition.ts';

/** What a model file says of itself. */
export interface FileFacts {
  /** '' when it says nothing. */
  readonly license: string;
  /** The context it was trained with. */
  readonly trainedContextTokens: number;
}

/** Where pulled models are put so that they can be loaded. */
export interface ModelShelf {
  /** Whether this installation has an engine of that name. */
  hasEngine(name: string): boolean;
  /** Whether a document of the configuration describes a model of that name. */
  isDescribed(name: string): boolean;
  /**
   * Opens the file once, in a process of its own, unless that was done before.
   * @returns what the file says of itself; undefined when its engine does not look at files
   * @throws ParleyError that says what is wrong with it.
   */
  prove(definition: ModelDefinition, signal: AbortSignal): Promise<FileFacts | undefined>;
  /** @throws ParleyError `conflict` when the name is another model's. */
  register(definition: ModelDefinition): void;
  /** Takes back what was registered; nothing happens when somebody needs it. */
  forget(name: string): void;
  /** Why the model whose weights lie there must stay, for people: "it is loaded"; '' when nobody needs it. */
  whyNeeded(path: string): string;
  /** The weights files of models that are in memory, or on their way. */
  pathsInUse(): readonly string[];
}
