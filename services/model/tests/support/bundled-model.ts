import { join } from 'node:path';
import type { EngineRequest, ModelSpec } from '../../src/ports/engine.ts';

/** The weights that every installation has. */
export const bundledModelFile = join(
  import.meta.dirname,
  '../../../../libs/tiny-model/model/parley-tiny.gguf',
);

/** How the bundled model is opened, unless a test says otherwise. */
export function bundledSpec(change: Partial<ModelSpec> = {}): ModelSpec {
  return {
    name: 'tiny',
    path: bundledModelFile,
    settings: {},
    proven: false,
    contextTokens: 1024,
    slots: 2,
    maxQueued: 16,
    promptTokensPerStep: 128,
    systemRole: true,
    ...change,
  };
}

/** Its tokens that end an answer are biased away. */
export const withoutEnd = {
  sampling: {
    temperature: 0,
    logitBias: [
      [0, -100],
      [2, -100],
    ],
  },
} as const satisfies Partial<EngineRequest>;
