import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from '@parley/config';
import type { ParsedDocument } from '@parley/config';
import { ParleyError } from '@parley/kernel';

/** The files below a config folder that hold documents, sorted. @throws ParleyError `config_invalid` without the folder. */
export function documentFiles(configDir: string): string[] {
  if (statSync(configDir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ParleyError(
      'config_invalid',
      `The config folder ${configDir} does not exist. Choose another with --config or PARLEY_CONFIG.`,
    );
  }
  return readdirSync(configDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => join(configDir, name));
}

/** @throws DocumentError when the file is not one YAML document. */
export function readDocument(file: string): ParsedDocument {
  return parseDocument(file, readFileSync(file, 'utf8'));
}
