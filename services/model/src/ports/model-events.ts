import type { ParleyError } from '@parley/kernel';
import type { CacheTier } from './cache-scope.ts';
import type { ModelMemory } from './engine.ts';
import type { StepFigures } from './load-progress.ts';

/** What a model is to its callers. */
export type ModelPhase = 'registered' | 'loading' | 'ready' | 'draining' | 'failed' | 'unloaded';

/** Name and content of a model. */
export interface ModelIdentity {
  readonly name: string;
  /** sha256 of its weights; '' while it is not known. */
  readonly digest: string;
}

export interface LoadedFact {
  readonly model: ModelIdentity;
  readonly engine: string;
  readonly loadMs: number;
  readonly memory: ModelMemory;
}

/** An alias that points to another model now. */
export interface SwitchedFact {
  readonly alias: string;
  /** Of the alias after the move. */
  readonly generation: number;
  readonly from: ModelIdentity;
  readonly to: ModelIdentity;
  /** From the order until the alias had moved, in milliseconds; a load is part of it. */
  readonly switchMs: number;
}

/** How full a model is. */
export interface SlotUse {
  readonly busy: number;
  readonly free: number;
  readonly queued: number;
}

/** What happens to models. None of these may throw or wait. */
export interface ModelEvents {
  phaseChanged(model: string, phase: ModelPhase): void;
  loaded(fact: LoadedFact): void;
  /** What a loaded model takes, said again. */
  memoryTaken(model: string, memory: ModelMemory): void;
  /** A load that failed, or an engine that died with the model. */
  failed(model: ModelIdentity, error: ParleyError): void;
  /** A model can be used, but somebody should know this about it. */
  warned(model: string, warning: string): void;
  /** A model has given its memory back. */
  unloaded(model: ModelIdentity): void;
  switched(fact: SwitchedFact): void;
  /** This instance has followed a move that another one has carried out and told. */
  followed(alias: string, from: string, to: ModelIdentity, generation: number): void;
  /** What the fleet has ordered could not be read, or what this instance says not be written; it is tried again. */
  fleetUnheard(error: unknown): void;
  /** What an alias was switched to cannot be had at start: it means what its document says. */
  fellBack(alias: string, wanted: string, configured: string, reason: string): void;
  /** The models of the documents are others than before; `faults` of them stay as they were. */
  documentsTaken(revision: number, faults: number): void;
  /** A file that nobody has asked for yet would not load. */
  unusable(model: string, error: ParleyError): void;
  stepped(model: string, figures: StepFigures): void;
  occupied(model: string, use: SlotUse): void;
}

/** One answer from its acceptance to its end. */
export interface AnswerReport {
  readonly model: string;
  /** '' when it ended well, else the error's code. */
  readonly errorCode: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Tokens of the prompt that were reused. */
  readonly cachedTokens: number;
  /** Where these were. */
  readonly cachedFrom: CacheTier;
  /** undefined when there was no token. */
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
}

/** What happens to answers. */
export interface AnswerEvents {
  /** Must not throw. */
  ended(report: AnswerReport): void;
}
