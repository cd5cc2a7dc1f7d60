import { ParleyError } from '@parley/kernel';
import { basename } from 'node:path';
import type { ModelInspection } from '../../../../ports/model-files.ts';
import { readGgufHeader } from './gguf-header.ts';
import type { GgufHeader } from './gguf-header.ts';
import { inspectHeaders } from './inspect-header.ts';

/**
 * Reads what the files of one model say about it, without its weights. Blocks: not for a service's own process.
 * @param parts all parts of a split file in their order, or the one file
 * @throws ParleyError `config_invalid` that names the file and says what is wrong with it.
 */
export function inspectFiles(parts: readonly string[]): ModelInspection {
  const [first, ...others] = parts.map(headerOf);
  if (first === undefined) throw new ParleyError('config_invalid', 'There is no weights file to read.');
  return inspectHeaders(first, others);
}

function headerOf(path: string): GgufHeader {
  try {
    return readGgufHeader(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The weights file ${basename(path)} cannot be read as GGUF: ${reason}`;
    throw new ParleyError('config_invalid', message, { cause: error });
  }
}
