import type { ModelMemory } from '../../../../../ports/engine.ts';

/** Bytes of one thing in the machine's memory and on graphics cards, as the library tells them. */
interface Breakdown {
  readonly cpuRam: number;
  readonly gpuVram: number;
}

/** What a model takes, by device; the part of graphics cards is absent where nothing lies there. */
export function ledgerOf(weights: Breakdown, context: Breakdown, kvBytes: number): ModelMemory {
  const cpu = device('cpu', weights.cpuRam, context.cpuRam, kvBytes * shareOf(context.cpuRam, context));
  if (weights.gpuVram + context.gpuVram === 0) return cpu;
  const gpu = device('gpu', weights.gpuVram, context.gpuVram, kvBytes * shareOf(context.gpuVram, context));
  return { ...cpu, gpu };
}

/** Keys and values lie where their layers do; the library tells context and layers in one number. */
function shareOf(bytes: number, { cpuRam, gpuVram }: Breakdown): number {
  return cpuRam + gpuVram === 0 ? 0 : bytes / (cpuRam + gpuVram);
}

function device(name: string, weightsBytes: number, contextBytes: number, kvBytes: number): ModelMemory {
  const kept = Math.round(Math.min(kvBytes, contextBytes));
  return { device: name, weightsBytes, kvBytes: kept, computeBytes: contextBytes - kept };
}
