import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '@parley/kernel';

/** The release of onnxruntime-node that this engine was written and measured with; `engines/onnx` pins the same. */
export const onnxRuntimeVersion = '1.30.0';

const manifest = join('engines', 'onnx', 'package.json');
const packages = ['onnxruntime-node', '@huggingface/tokenizers'];

/**
 * The folder with this engine's own packages, found by going up from this file: beside `services` in the repository,
 * beside the service's own folder in an image.
 * @param start the folder to go up from
 * @throws ParleyError `unsupported`, not retryable, with the command that installs them.
 */
export function onnxInstallation(start = dirname(fileURLToPath(import.meta.url))): string {
  const folder = folderAbove(start);
  const isThere = (name: string): boolean =>
    folder !== undefined && existsSync(join(folder, 'node_modules', name, 'package.json'));
  if (folder !== undefined && packages.every(isThere)) return folder;
  throw new ParleyError(
    'unsupported',
    'The engine "onnx" is not installed, because most installations do not need it. Install it with: npm run engine:onnx',
    { param: 'engine' },
  );
}

function folderAbove(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, manifest))) return dirname(join(folder, manifest));
    if (dirname(folder) === folder) return undefined;
  }
}
