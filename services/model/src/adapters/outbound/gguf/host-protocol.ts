import type { ErrorCode } from '@parley/kernel';
import type { CacheTier } from '../../../ports/cache-scope.ts';
import type { CountRequest, EndReason, EngineRequest, ModelSpec } from '../../../ports/engine.ts';
import type { LoadProgress, StepFigures } from '../../../ports/load-progress.ts';
import type { WireKeys } from './kept/kept-keys.ts';

/** An error on its way between the service and its engine host. */
export interface HostError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly param?: string;
  readonly retryAfterMs?: number;
}

/** A piece of a call, as `EngineUpdate` has it. */
interface CallPiece {
  readonly index: number;
  readonly callId: string;
  readonly name: string;
  readonly arguments: string;
  readonly tokenIds: readonly number[];
}

/** What happens to an answer. Every answer that was asked for ends with exactly one `finished` or `failed`. */
export type AnswerEvent =
  | { readonly type: 'started'; readonly id: string; readonly inputTokens: number }
  | {
      readonly type: 'chunk';
      readonly id: string;
      readonly text: string;
      readonly tokenIds: readonly number[];
    }
  | ({ readonly type: 'tool-call'; readonly id: string } & CallPiece)
  | {
      readonly type: 'finished';
      readonly id: string;
      readonly reason: EndReason;
      readonly outputTokens: number;
      readonly queueMs: number;
      /** Tokens of the prompt that were reused. */
      readonly cachedTokens?: number;
      readonly cachedFrom?: CacheTier;
    }
  | { readonly type: 'failed'; readonly id: string; readonly error: HostError };

/** A question with one answer. */
export type HostQuery =
  | { readonly kind: 'inspect'; readonly path: string }
  | { readonly kind: 'count'; readonly model: string; readonly request: CountRequest }
  | { readonly kind: 'memory'; readonly model: string }
  /** Has what sequences hold been written, as far as it outlives the host? Answered once it has. */
  | { readonly kind: 'keep' }
  /** Free bytes on all graphics cards; undefined where none is used. */
  | { readonly kind: 'cards' }
  | { readonly kind: 'embed'; readonly model: string; readonly texts: readonly string[] };

/** Where and how a host keeps sequences on disk. It goes by message: arguments and environment can be seen by others. */
export interface KeptSettings {
  readonly folder: string;
  readonly keys: readonly WireKeys[];
  /** Of all models together. */
  readonly maxBytes: number;
  /** Shorter sequences are not kept. */
  readonly leastTokens: number;
}

/** From the service to the host. `model` names one load of a model; loading it again gives another name. */
export type HostCommand =
  | {
      readonly type: 'load';
      readonly model: string;
      readonly spec: ModelSpec;
      /** Absent: nothing outlives the host. */
      readonly kept?: KeptSettings;
    }
  /** Nothing that a scope has left may be reused or kept any more. */
  | { readonly type: 'forget'; readonly own: string }
  | { readonly type: 'unload'; readonly model: string }
  | {
      readonly type: 'generate';
      readonly model: string;
      readonly id: string;
      readonly request: EngineRequest;
    }
  | { readonly type: 'cancel'; readonly model: string; readonly id: string }
  | { readonly type: 'query'; readonly call: number; readonly query: HostQuery }
  /** Nobody wants the answer to that question any more. */
  | { readonly type: 'give-up'; readonly call: number }
  | { readonly type: 'close' };

/** From the host to the service. All a step has to say is one message. */
export type HostMessage =
  | { readonly type: 'ready' }
  /** It ends at once: what it was asked for cannot be had on this machine. */
  | { readonly type: 'unusable'; readonly error: HostError }
  | { readonly type: 'loading'; readonly model: string; readonly progress: LoadProgress }
  | { readonly type: 'loaded'; readonly model: string; readonly embeds: boolean }
  | { readonly type: 'load-failed'; readonly model: string; readonly error: HostError }
  | { readonly type: 'unloaded'; readonly model: string }
  | {
      readonly type: 'step';
      readonly model: string;
      readonly figures?: StepFigures;
      readonly events: readonly AnswerEvent[];
    }
  | { readonly type: 'result'; readonly call: number; readonly result: unknown }
  | { readonly type: 'query-failed'; readonly call: number; readonly error: HostError }
  | { readonly type: 'log'; readonly level: 'warn' | 'error'; readonly message: string };

/** What models run on: `auto` takes a graphics card where there is one that the installed packages can use. */
export type GpuChoice = 'auto' | 'cpu' | 'cuda';

/** What the service tells a host as it starts it, as JSON in its first argument. */
export interface HostSettings {
  /** Absent: `cpu`. */
  readonly gpu?: GpuChoice;
  /** Threads that decode; 0 = all cores this process may use but one. */
  readonly threads: number;
}
