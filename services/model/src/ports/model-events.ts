import type { ParleyError } from '@parley/kernel';
import type { ModelMemory, StepFigures } from './engine.ts';

/** What a model is to its callers. */
export type ModelPhase = 'loading' | 'ready' | 'failed';

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
