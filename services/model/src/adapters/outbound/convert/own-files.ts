import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '@parley/kernel';

const program = join('engines', 'convert', 'run.py');

/**
 * The folder with the program that runs the converter, found by going up from this file: beside `services` in the
 * repository, beside the service's own folder in an image.
 * @throws ParleyError `unsupported` when the installation has none.
 */
export function ownConverterFiles(start = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, program))) return dirname(join(folder, program));
    if (dirname(folder) === folder)
      throw new ParleyError(
        'unsupported',
        `This installation cannot convert: its folder engines/convert is missing.`,
      );
  }
}

/**
 * The git bundle with the source of the llama.cpp release that the engine runs on.
 * @throws ParleyError `unsupported` when the installation has none.
 */
export function llamaCppBundle(): string {
  const main = createRequire(import.meta.url).resolve('node-llama-cpp');
  const bundle = join(dirname(main), '../llama/gitRelease.bundle');
  if (existsSync(bundle)) return bundle;
  const message =
    'This installation cannot convert: node-llama-cpp is here without its llama/gitRelease.bundle.';
  throw new ParleyError('unsupported', message);
}
