import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { inspectFiles } from './adapters/outbound/gguf/file/inspect-files.ts';
import { findWeights } from './adapters/outbound/gguf/weights/find-weights.ts';
import { precisionOf } from './adapters/outbound/gguf/weights/precision.ts';
import { SystemMemory } from './adapters/outbound/system-memory.ts';
import { readConfig } from './config.ts';
import { contextOptions, largestContext } from './domain/memory/context-options.ts';
import type { WeightPrecision } from './ports/model-files.ts';

const mebibyte = 1024 * 1024;

/** The precision of files whose names do not tell; one that cannot be read has none. */
function precisions(paths: readonly string[]): Promise<Map<string, WeightPrecision | undefined>> {
  const read = (path: string): WeightPrecision | undefined => {
    try {
      return precisionOf(inspectFiles([path]).quantization ?? '');
    } catch {
      return undefined;
    }
  };
  return Promise.resolve(new Map(paths.map((path) => [path, read(path)])));
}

/**
 * Says what a GGUF file, split file or folder is and what fits here, as JSON: `inspect-model.js PATH`. A fault is one
 * line on stderr and exit code 1.
 */
async function inspect(path: string): Promise<void> {
  const { memoryReserveMb, promptTokensPerStep } = readConfig().models;
  const files = await findWeights({ model: basename(path), path }, precisions);
  const { layerBytes = [], ...inspection } = inspectFiles(files.parts);
  const availableBytes = await new SystemMemory().availableBytes();
  const reserveBytes = memoryReserveMb * mebibyte;
  const room = { bytes: availableBytes - reserveBytes, promptTokensPerStep };
  const told = {
    files: files.parts,
    ...inspection,
    layers: Math.max(0, layerBytes.length - 1),
    precision: precisionOf(inspection.quantization ?? ''),
    memory: { availableBytes, reserveBytes, largestContext: largestContext(inspection, room) },
    contexts: contextOptions(inspection, room),
  };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

const { positionals } = parseArgs({ allowPositionals: true });
const [path] = positionals;
if (path === undefined) {
  process.stderr.write('Usage: inspect-model.js PATH\n');
  process.exitCode = 2;
} else {
  await inspect(path).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
