import { ParleyError, toParleyError } from '@parley/kernel';
import { CacheFault } from '../../ports/pull/model-cache.ts';
import type { CachedFile, CacheRoom, ModelCache } from '../../ports/pull/model-cache.ts';
import type { PullProgress } from '../../ports/pull/pull-progress.ts';
import type { SourceFetcher } from '../../ports/pull/source-fetcher.ts';
import type { CatalogFile } from '../catalog/catalog-entry.ts';
import type { FileSource } from '../sources/file-source.ts';

/** What fetching files needs. */
export interface FilePullParts {
  readonly cache: ModelCache;
  readonly room: CacheRoom;
  readonly fetcher: SourceFetcher;
}

/**
 * Puts one file into the cache, from the first of its sources that has it; a source that is of no use is noted and
 * skipped. A file that is there, or that another process brings meanwhile, is not fetched again.
 * @throws ParleyError `unavailable` when no source is of use, or the cache cannot be written; the signal's reason.
 */
export async function pullFile(
  file: CatalogFile,
  parts: FilePullParts,
  progress: PullProgress,
): Promise<CachedFile> {
  const { cache, room } = parts;
  const { signal } = progress;
  const there = await cache.find(file, signal);
  if (there !== undefined && file.sha256 !== undefined) return there;
  const onWait = (): void => {
    progress.stage(`waiting for another process that fetches ${file.name}`);
    progress.note(`Another process fetches ${file.name} into the same cache; waiting for it.`);
  };
  return room.alone(file.name, signal, onWait, async () => {
    const brought = file.sha256 === undefined ? undefined : await cache.find(file, signal);
    return brought ?? (await fromItsSources(file, parts, progress));
  });
}

async function fromItsSources(
  file: CatalogFile,
  parts: FilePullParts,
  progress: PullProgress,
): Promise<CachedFile> {
  const reasons: string[] = [];
  for (const source of file.sources) {
    progress.stage(`fetching ${file.name} from ${source.text}`);
    try {
      return await fromSource(source, file, parts, progress);
    } catch (error) {
      progress.signal.throwIfAborted();
      if (error instanceof CacheFault) throw error;
      const { message } = toParleyError(error);
      progress.note(`${source.text} was skipped: ${message}`);
      reasons.push(`${source.text}: ${message}`);
    }
  }
  const message = `No source of ${file.name} could be used. ${reasons.join(' ')}`;
  throw new ParleyError('unavailable', message);
}

async function fromSource(
  source: FileSource,
  file: CatalogFile,
  { cache, room, fetcher }: FilePullParts,
  progress: PullProgress,
): Promise<CachedFile> {
  const fetched = await fetcher.fetch(source, file, progress);
  if (file.sha256 !== undefined && fetched.sha256 !== file.sha256) {
    await room.discardPart(file.name);
    const message = `what came has the sha256 ${fetched.sha256}, not ${file.sha256}; it was thrown away.`;
    throw new ParleyError('unavailable', message);
  }
  const kept = { ...fetched, name: file.name, source: source.text };
  await cache.keep(kept);
  return kept;
}
