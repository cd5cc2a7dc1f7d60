import { ParleyError } from '@parley/kernel';
import type { ModelInspection } from '../ports/engine.ts';
import type { MachineMemory } from '../ports/machine-memory.ts';
import type { ModelDefinition } from './model-definition.ts';

/** What a model takes, as far as its file tells before it is loaded. */
export interface MemoryNeed {
  readonly weightsBytes: number;
  readonly kvBytesPerToken: number;
  readonly computeBytes: number;
}

/** The least context that a document can ask for. */
const leastContextTokens = 64;
const mebibyte = 1024 * 1024;

/** @param promptTokensPerStep how many prompt tokens a step takes, beside one token of every slot */
export function memoryNeed(
  { slots }: ModelDefinition,
  fileBytes: number,
  inspection: ModelInspection | undefined,
  promptTokensPerStep: number,
): MemoryNeed {
  return {
    weightsBytes: fileBytes,
    kvBytesPerToken: inspection?.kvBytesPerToken ?? 0,
    computeBytes: (inspection?.computeBytesPerToken ?? 0) * (slots + promptTokensPerStep),
  };
}

/** Lets a model be loaded only where there is room for it; a machine without memory would end everything that runs. */
export class MemoryAdmission {
  readonly #memory: MachineMemory;
  readonly #reserveBytes: number;
  /** Weights are mapped files: the system calls their pages free, although they are read all the time. */
  readonly #mapped = new Set<{ readonly bytes: number }>();

  /** @param reserveBytes what must stay free besides */
  constructor(memory: MachineMemory, reserveBytes: number) {
    this.#memory = memory;
    this.#reserveBytes = reserveBytes;
  }

  /**
   * A place for the model, held until it is disposed of.
   * @throws ParleyError `overloaded`, not retryable by itself, with the numbers and what would fit.
   */
  async claim(definition: ModelDefinition, need: MemoryNeed): Promise<Disposable> {
    const { contextTokens, slots } = definition;
    const fixed = need.weightsBytes + need.computeBytes;
    const wanted = fixed + need.kvBytesPerToken * contextTokens * slots;
    const room = wanted === 0 ? 0 : (await this.#memory.availableBytes()) - this.#mappedBytes();
    const free = room - this.#reserveBytes;
    if (wanted > 0 && wanted > free) throw this.#refusal(definition, need, room);
    const mapped = { bytes: need.weightsBytes };
    this.#mapped.add(mapped);
    return { [Symbol.dispose]: () => void this.#mapped.delete(mapped) };
  }

  #mappedBytes(): number {
    return [...this.#mapped].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #refusal(definition: ModelDefinition, need: MemoryNeed, room: number): ParleyError {
    const { name, contextTokens, slots } = definition;
    const kvBytes = need.kvBytesPerToken * contextTokens * slots;
    const wanted = need.weightsBytes + need.computeBytes + kvBytes;
    const left = room - this.#reserveBytes - need.weightsBytes - need.computeBytes;
    const message =
      `Model "${name}" needs about ${mib(wanted)} (weights ${mib(need.weightsBytes)}, keys and values of ` +
      `${slots} x ${contextTokens} tokens ${mib(kvBytes)}, computing ${mib(need.computeBytes)}); ` +
      `${mib(Math.max(0, room))} are free, of which ${mib(this.#reserveBytes)} stay in reserve. ` +
      whatWouldFit(definition, need, left);
    return new ParleyError('overloaded', message, { retryable: false, details: { shortOfMemory: true } });
  }
}

/** Whether a load was refused because there is too little memory. */
export function isShortOfMemory(error: unknown): boolean {
  return error instanceof ParleyError && error.details['shortOfMemory'] === true;
}

function whatWouldFit(
  { contextTokens, slots }: ModelDefinition,
  need: MemoryNeed,
  leftForContext: number,
): string {
  const tokens = need.kvBytesPerToken === 0 ? 0 : Math.floor(leftForContext / need.kvBytesPerToken);
  const fittingSlots = Math.min(slots, Math.floor(tokens / contextTokens));
  if (fittingSlots >= 1) return `It would fit with ${fittingSlots} slots of that context.`;
  if (tokens >= leastContextTokens) return `It would fit with 1 slot of ${tokens} tokens.`;
  return 'It fits in no form; unload another model first.';
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / mebibyte)} MiB`;
}
