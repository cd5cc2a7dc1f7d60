import type { ParleyError } from '@parley/kernel';
import type { ModelMemory, StepFigures } from './engine.ts';

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
  /** A load that failed, or an engine that died with the model. */
  failed(model: ModelIdentity, error: ParleyError): void;
  /** A model has given its memory back. */
  unloaded(model: ModelIdentity): void;
  switched(fact: SwitchedFact): void;
  /** What an alias was switched to cannot be had at start: it means what its document says. */
  fellBack(alias: string, wanted: string, configured: string, reason: string): void;
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
  /** undefined when there was no token. */
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
}

/** What happens to answers. */
export interface AnswerEvents {
  /** Must not throw. */
  ended(report: AnswerReport): void;
}
