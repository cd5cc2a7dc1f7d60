import type { ParleyError } from '@parley/kernel';
import type { Turn } from '../domain/turn/turn.ts';

/** Is told what happens to turns; never throws. */
export interface TurnWatch {
  /** So many starts wait now for models that are being switched or loaded. */
  startsWaiting(count: number): void;
  accepted(turn: Turn): void;
  ended(turn: Turn): void;
  /** This instance no longer owns the turn; it goes on or has ended elsewhere. */
  moved(turnId: string): void;
  /** The store had lost the turn; it was written anew. */
  rebuilt(turnId: string): void;
  modelFailed(turnId: string, error: ParleyError, willRetry: boolean): void;
  /** A write of the turn failed and will be tried again. */
  writeFailed(turnId: string, error: unknown): void;
  /** What became of an Idempotency-Key could not be noted; repetitions find out by themselves. */
  keyFailed(error: unknown): void;
}
