import type { ParleyError } from '@parley/kernel';
import type { LoadedModel } from '../../ports/engine.ts';

/** What callers find in a slot; `reason` fits into "Model … is not ready: … ." */
export type SlotState =
  /** `away`: what it needs is not there; it is loaded once that is back. */
  | {
      readonly phase: 'loading';
      readonly reason: string;
      readonly retryAfterMs: number;
      readonly away?: ParleyError;
    }
  | { readonly phase: 'ready'; readonly model: LoadedModel }
  /** `closed`: nobody comes in any more, whatever they know. */
  | {
      readonly phase: 'draining';
      readonly reason: string;
      readonly model: LoadedModel;
      readonly closed: boolean;
    }
  | { readonly phase: 'failed'; readonly reason: string; readonly error: ParleyError }
  | { readonly phase: 'unloaded'; readonly reason: string };
