import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { readConfig } from '../../src/config.ts';

/** The folder of this test's model documents. */
export const smolLmConfigDir = join(import.meta.dirname, '../fixtures/smollm2');

/** Documents of the bundled model, SmolLM2 and a simulated one; `default` is the bundled one. */
export const switchingConfigDir = join(import.meta.dirname, '../fixtures/switching');

/** Documents of a simulated model and of one that is never loaded. */
export const simulatedConfigDir = join(import.meta.dirname, '../fixtures/simulated');

/** The folder of pulled models. */
export const { cacheDir: modelCacheDir } = readConfig({ HOME: homedir(), ...process.env }).models;

/** The real model that tests talk to. */
export const smolLmFile = join(modelCacheDir, 'SmolLM2-135M-Instruct.Q4_1.gguf');

const missing = !existsSync(smolLmFile);
const mandatory = process.env['CI'] === 'true';

/** Tests on the real model; without its file they are skipped and say so, in CI they fail. */
export function describeWithSmolLm(name: string, tests: () => void): void {
  const reason =
    missing && !mandatory
      ? ' (skipped: SmolLM2 is not in the model cache; npm run provision fetches it)'
      : '';
  describe.skipIf(reason !== '')(`${name}${reason}`, tests);
}
