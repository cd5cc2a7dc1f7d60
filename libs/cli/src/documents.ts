import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parseDocuments } from '@parley/config';
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
  return (
    readdirSync(configDir, { recursive: true, encoding: 'utf8' })
      // Names with a leading dot are a mount's own, such as `..data` of a ConfigMap, or an editor's.
      .filter((name) => /\.ya?ml$/.test(name) && !name.split(sep).some((part) => part.startsWith('.')))
      .toSorted()
      .map((name) => join(configDir, name))
  );
}

/** All documents of a file. @throws DocumentError when it is not valid YAML or holds none. */
export function readDocuments(file: string): ParsedDocument[] {
  return parseDocuments(file, readFileSync(file, 'utf8'));
}
