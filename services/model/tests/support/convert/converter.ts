import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { describe } from 'vitest';
import { readConfig } from '../../../src/config.ts';

/** Where `npm run provision` puts the converter and its Python packages. */
export const { toolDir: converterFolder } = readConfig({ HOME: homedir(), ...process.env }).convert;

const isThere =
  existsSync(converterFolder) && readdirSync(converterFolder).some((name) => /^python[\d.]+-\w+$/.test(name));

/** Tests that convert; without the Python packages they are skipped and say so, in CI they fail. */
export function describeWithConverter(name: string, tests: () => void): void {
  const reason =
    isThere || process.env['CI'] === 'true'
      ? ''
      : ' (skipped: the converter is not here; npm run provision fetches it)';
  describe.skipIf(reason !== '')(`${name}${reason}`, { timeout: 300_000 }, tests);
}
