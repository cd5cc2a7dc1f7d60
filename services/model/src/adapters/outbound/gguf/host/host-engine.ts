import type {
  CountRequest,
  CountResult,
  EngineRequest,
  ModelMemory,
  ModelSpec,
} from '../../../../ports/engine.ts';
import type { LoadProgress, StepFigures } from '../../../../ports/load-progress.ts';
import type { ModelInspection } from '../../../../ports/model-files.ts';
import type { KeptSettings } from '../host-protocol.ts';
import type { PackedVectors } from '../packed-vectors.ts';
import type { StepEvent } from './answer/step-events.ts';

/** A model in an engine host's process. */
export interface HostModel {
  /**
   * Checks a request and begins its answer; what follows is emitted.
   * @returns the prompt's tokens; undefined when the request was cancelled meanwhile.
   * @throws ParleyError for a request that cannot be answered.
   */
  generate(id: string, request: EngineRequest, receivedAt: number): Promise<number | undefined>;
  cancel(id: string): void;
  count(request: CountRequest): CountResult;
  /** Absent where the model makes no embeddings. @throws ParleyError; the signal's reason. */
  embed?(texts: readonly string[], signal: AbortSignal): Promise<PackedVectors>;
  memory(): ModelMemory | Promise<ModelMemory>;
  /** Writes what is to outlive the model and is not in use; absent: nothing is. Never rejects. */
  keep?(): Promise<void>;
  /** Removes what a scope has left; absent: nothing ever is. Never rejects. */
  forget?(own: string): Promise<void>;
  /** Ends what runs, then gives the memory back. */
  close(): Promise<void>;
}

/** While a model is being loaded, and what it says afterwards. */
export interface HostLoadOptions {
  readonly signal: AbortSignal;
  /** Where sequences outlive the model; absent: nowhere. */
  readonly kept?: KeptSettings;
  /** What did not work and harms no answer. */
  readonly onTrouble: (message: string) => void;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly emit: (events: readonly StepEvent[], figures: StepFigures | undefined) => void;
}

/** The native code that an engine host runs models on. */
export interface HostEngine {
  /** Free bytes on all graphics cards with memory of their own; absent or undefined: it uses none. */
  freeCardBytes?(): Promise<number | undefined>;
  /** Reads what a model file says about itself. @throws ParleyError */
  inspect(path: string): Promise<ModelInspection>;
  /** @throws ParleyError that says what is wrong with the file. */
  load(spec: ModelSpec, options: HostLoadOptions): Promise<HostModel>;
}
