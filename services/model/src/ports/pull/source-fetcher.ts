import type { FileSource } from '../../domain/sources/file-source.ts';
import type { FileContent, WantedFile } from './model-cache.ts';
import type { PullProgress } from './pull-progress.ts';

/** Brings files from their sources into the cache. */
export interface SourceFetcher {
  /**
   * Fetches the file into its part, going on where an earlier fetch from the same source ended if the source allows.
   * What came is told, not judged; but a source that announces another length is not read to its end.
   * @param progress of this file
   * @throws ParleyError that says why the source is of no use; CacheFault when no source would be; the signal's reason.
   */
  fetch(source: FileSource, file: WantedFile, progress: PullProgress): Promise<FileContent>;
  /** Forgets what was fetched beside the files themselves, once the pull that needed it is done. */
  tidy(): Promise<void>;
}
