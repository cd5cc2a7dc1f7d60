import { reworded, toParleyError } from '@parley/kernel';
import type { Clock, ParleyError } from '@parley/kernel';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { AliasWaits } from './alias-waits.ts';
import type { KnownModel } from '../models/known-model.ts';
import { missingBytes } from '../memory/memory-admission.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { ModelSlot } from '../models/model-slot.ts';
import type { ModelUnload } from '../loading/model-unload.ts';

/** A switch for which memory does not hold both models. */
export interface DrainPlace {
  readonly alias: string;
  /** Goes first. */
  readonly old: KnownModel;
  readonly target: KnownModel;
}

/** What a load takes at least, and how many bytes of a file are read in a second, as far as anybody knows before. */
const leastLoadMs = 1_000;
const assumedBytesPerSecond = 200_000_000;

/**
 * Switches where memory does not hold both models: the old one is drained and unloaded before the new one is loaded, and
 * requests wait meanwhile. A load that fails brings the old one back.
 */
export class DrainFirst {
  readonly #registry: ModelRegistry;
  readonly #unload: ModelUnload;
  readonly #waits: AliasWaits;
  readonly #clock: Clock;

  constructor(registry: ModelRegistry, unload: ModelUnload, waits: AliasWaits, clock: Clock) {
    this.#registry = registry;
    this.#unload = unload;
    this.#waits = waits;
    this.#clock = clock;
  }

  /** undefined where unloading the alias' model would not help, or would take it from somebody else. */
  placeOf(alias: string, target: KnownModel, error: unknown): DrainPlace | undefined {
    const old = this.leaving(alias, target);
    return old !== undefined && old.memoryBytes >= missingBytes(error) ? { alias, old, target } : undefined;
  }

  /** The model that would go; undefined where it is not there, or somebody else's as well. */
  leaving(alias: string, target: KnownModel): KnownModel | undefined {
    const pointer = this.#registry.aliases.get(alias);
    if (pointer === undefined) return undefined;
    const old = this.#registry.named(pointer.model);
    if (old === undefined || old === target || !old.alive) return undefined;
    return this.#registry.aliases.of(old.name).length > 1 ? undefined : old;
  }

  /**
   * The slot of the target. From its end on requests wait until the alias was moved, or `AliasWaits.over` is called.
   * @param open loads the target
   * @throws ParleyError what `open` throws; the old model is loaded again then, and requests go on.
   */
  async run(
    { alias, old, target }: DrainPlace,
    progress: MoveProgress,
    open: () => Promise<ModelSlot>,
  ): Promise<ModelSlot> {
    progress.note(`Too little memory for both: ${old.name} goes before ${target.name} comes; requests wait.`);
    this.#waits.begin(alias, {
      reason: () => waitText(old, target),
      expectedMs: expectedMs(old, target),
      since: this.#clock.now(),
    });
    try {
      await this.#unload.run(old, progress);
      return await open();
    } catch (thrown) {
      throw await this.#goBack(alias, old, toParleyError(thrown), progress);
    }
  }

  async #goBack(
    alias: string,
    old: KnownModel,
    error: ParleyError,
    progress: MoveProgress,
  ): Promise<ParleyError> {
    progress.note(`${error.message} Loading ${old.name} again.`);
    try {
      await old.open().settled(this.#registry.closing);
      return reworded(error, `${error.message} Model "${old.name}" is loaded again.`);
    } catch (thrown) {
      const { message } = toParleyError(thrown);
      return reworded(error, `${error.message} Model "${old.name}" did not come back: ${message}`);
    } finally {
      this.#waits.over(alias);
    }
  }
}

function waitText(old: KnownModel, target: KnownModel): string {
  if (old.alive && !target.alive) return `${old.name} finishes its answers before ${target.name} is loaded`;
  const { state } = target.alive ? target : old;
  const how = state.phase === 'ready' ? 'is ready' : state.reason;
  return `${target.alive ? target.name : old.name}: ${how}`;
}

function expectedMs(old: KnownModel, target: KnownModel): number {
  const { slot } = target;
  const fileMs = ((slot?.fileBytes ?? 0) / assumedBytesPerSecond) * 1000;
  return (old.slot?.admission.meanMs ?? 0) + Math.max(leastLoadMs, fileMs, slot?.lastLoadMs ?? 0);
}
