import { ParleyError } from '@parley/kernel';
import { CacheFault } from '../../../ports/pull/model-cache.ts';

/** What lies beside a file of the cache, by its path. */
export const cacheFiles = {
  /** What was fetched of it so far. */
  part: (path: string) => `${path}.part`,
  /** Where the part comes from, and by what the source can tell that it goes on with the same bytes. */
  partState: (path: string) => `${path}.part.json`,
  /** That it was verified, and what was found. */
  marker: (path: string) => `${path}.kept.json`,
};

/** Whether an error says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** What the file system said, as a fault of the cache; an error that is ours as it is. */
export function cacheFault(folder: string, error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  const code = codeOf(error);
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : code;
  return new CacheFault(`The model cache ${folder} cannot be written: ${why}.`, error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
