import { ParleyError } from '@parley/kernel';
import type { MachineMemory } from '../../ports/machine-memory.ts';
import type { MemoryNeed } from './memory-need.ts';
import type { ModelDefinition } from '../models/model-definition.ts';

/** The least context that a document can ask for. */
const leastContextTokens = 64;
const mebibyte = 1024 * 1024;

/** Room for a model, held until it is disposed of. */
interface MemoryClaim extends Disposable {
  readonly bytes: number;
}

/** Lets a model be loaded only where there is room for it; a machine without memory would end everything that runs. */
export class MemoryAdmission {
  readonly #memory: MachineMemory;
  readonly #reserveBytes: number;
  /** Weights are mapped files: the system calls their pages free, although they are read all the time. */
  readonly #claims = new Set<{ readonly mappedBytes: number; readonly bytes: number }>();
  readonly #limitBytes: number;

  /**
   * @param reserveBytes what must stay free besides
   * @param limitBytes what all models here may take together; default: what the machine has
   */
  constructor(memory: MachineMemory, reserveBytes: number, limitBytes = Number.POSITIVE_INFINITY) {
    this.#memory = memory;
    this.#reserveBytes = reserveBytes;
    this.#limitBytes = limitBytes;
  }

  /**
   * A place for the model.
   * @throws ParleyError `overloaded`, not retryable by itself, with the numbers and what would fit.
   */
  async claim(definition: ModelDefinition, need: MemoryNeed): Promise<MemoryClaim> {
    const { contextTokens, slots } = definition;
    const fixed = need.weightsBytes + need.computeBytes;
    const wanted = fixed + need.kvBytes(contextTokens) * slots;
    const room = wanted === 0 ? 0 : await this.#room();
    const free = room - this.#reserveBytes;
    if (wanted > 0 && wanted > free) throw this.#refusal(definition, need, room);
    const mappedBytes = definition.load.mmap === false ? 0 : need.weightsBytes;
    const claim = { mappedBytes, bytes: wanted };
    this.#claims.add(claim);
    return { bytes: wanted, [Symbol.dispose]: () => void this.#claims.delete(claim) };
  }

  /** What the machine has free, the reserve among it, or what is left of the limit where that is less. */
  async #room(): Promise<number> {
    const claims = [...this.#claims];
    const mapped = claims.reduce((sum, { mappedBytes }) => sum + mappedBytes, 0);
    const claimed = claims.reduce((sum, { bytes }) => sum + bytes, 0);
    const machine = (await this.#memory.availableBytes()) - mapped;
    return Math.min(machine, this.#limitBytes - claimed + this.#reserveBytes);
  }

  #refusal(definition: ModelDefinition, need: MemoryNeed, room: number): ParleyError {
    const { name, contextTokens, slots } = definition;
    const kvBytes = need.kvBytes(contextTokens) * slots;
    const wanted = need.weightsBytes + need.computeBytes + kvBytes;
    const left = room - this.#reserveBytes - need.weightsBytes - need.computeBytes;
    const message =
      `Model "${name}" needs about ${mib(wanted)} (weights ${mib(need.weightsBytes)}, keys and values of ` +
      `${slots} x ${contextTokens} tokens ${mib(kvBytes)}, computing ${mib(need.computeBytes)}); ` +
      `${mib(Math.max(0, room))} are free, of which ${mib(this.#reserveBytes)} stay in reserve. ` +
      whatWouldFit(definition, need, left);
    const missing = wanted - (room - this.#reserveBytes);
    const details = { shortOfMemory: true, missingBytes: missing };
    return new ParleyError('overloaded', message, { retryable: false, details });
  }
}

/** Whether a load was refused because there is too little memory. */
export function isShortOfMemory(error: unknown): boolean {
  return error instanceof ParleyError && error.details['shortOfMemory'] === true;
}

/** How much memory more a load that was refused would have needed; 0 for another error. */
export function missingBytes(error: unknown): number {
  return isShortOfMemory(error) ? Number((error as ParleyError).details['missingBytes'] ?? 0) : 0;
}

function whatWouldFit(
  { contextTokens, slots }: ModelDefinition,
  need: MemoryNeed,
  leftForContext: number,
): string {
  const perSlot = need.kvBytes(contextTokens);
  const fittingSlots = perSlot === 0 ? 0 : Math.min(slots, Math.floor(leftForContext / perSlot));
  const tokens = need.fittingTokens(leftForContext);
  if (fittingSlots >= 1) return `It would fit with ${fittingSlots} slots of that context.`;
  if (tokens >= leastContextTokens) return `It would fit with 1 slot of ${tokens} tokens.`;
  return 'It fits in no form; unload another model first.';
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / mebibyte)} MiB`;
}
