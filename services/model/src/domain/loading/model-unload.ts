import { ParleyError, sleep } from '@parley/kernel';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { KnownModel } from '../models/known-model.ts';
import type { ModelSlot } from '../models/model-slot.ts';

/** How long an unload waits. */
export interface UnloadBounds {
  /** Whoever was told the model's digest has so long to come with the request. */
  readonly graceMs: number;
  /** Answers that still run after this are ended. */
  readonly drainMs: number;
}

/** Gives the memory of models back once their answers have ended. */
export class ModelUnload {
  readonly #bounds: UnloadBounds;

  constructor(bounds: UnloadBounds) {
    this.#bounds = bounds;
  }

  /**
   * Resolves when the memory is free. Aborting the progress' signal keeps the model.
   * @throws ParleyError `conflict` when somebody wants the model again meanwhile.
   */
  async run(model: KnownModel, progress: MoveProgress): Promise<void> {
    const { slot } = model;
    if (slot === undefined) return;
    slot.drain();
    try {
      if (slot.state.phase === 'draining') await this.#emptied(slot, progress);
    } catch (error) {
      slot.reopen();
      throw error;
    }
    if (slot.state.phase === 'ready')
      throw new ParleyError('conflict', `Model "${model.name}" stays: it was asked for again.`);
    progress.stage(`unloading ${model.name}`);
    await model.unload();
  }

  async #emptied(slot: ModelSlot, progress: MoveProgress): Promise<void> {
    const { signal } = progress;
    const { graceMs, drainMs } = this.#bounds;
    const { busy, queued } = slot.admission.use;
    progress.stage(`waiting for ${busy + queued} answers of ${slot.definition.name}`);
    const graceLeftMs = graceMs - slot.idleMs;
    if (graceLeftMs > 0) await unlessReopened(slot, signal, (patience) => sleep(graceLeftMs, patience));
    progress.share(0.1);
    slot.close();
    await unlessReopened(slot, signal, (patience) =>
      Promise.race([slot.admission.empty(), sleep(drainMs, patience)]),
    );
    const left = slot.admission.use.busy + slot.admission.use.queued;
    if (slot.state.phase === 'draining' && left > 0)
      progress.note(`${left} answers had not ended after ${drainMs / 1000} s and were ended.`);
  }
}

/** Waits for `wait`, for the slot to be opened again, or for the signal. */
async function unlessReopened(
  slot: ModelSlot,
  signal: AbortSignal,
  wait: (patience: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const over = new AbortController();
  try {
    const waiting = wait(AbortSignal.any([signal, over.signal]));
    await Promise.race([waiting, slot.changed()]);
    waiting.catch(() => undefined);
    signal.throwIfAborted();
  } finally {
    over.abort();
  }
}
