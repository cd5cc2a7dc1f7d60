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
  let waited = false;
  const onWait = (): void => {
    waited = true;
    progress.stage(`waiting for another process that fetches ${file.name}`);
    progress.note(`Another process fetches ${file.name} into the same cache; waiting for it.`);
  };
  return room.alone(file.name, signal, onWait, async () => {
    const brought = waited || file.sha256 !== undefined ? await cache.find(file, signal) : undefined;
    const isOurs = file.sha256 !== undefined || file.sources.some(({ text }) => text === brought?.source);
    return brought !== undefined && isOurs ? brought : await fromItsSources(file, parts, progress);
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
  const expected = file.sha256 ?? fetched.announcedSha256 ?? fetched.sha256;
  if (fetched.sha256 !== expected) {
    await room.discardPart(file.name);
    const message = `what came has the sha256 ${fetched.sha256}, not ${expected}; it was thrown away.`;
    throw new ParleyError('unavailable', message);
  }
  const { sha256, bytes } = fetched;
  const terms = file.terms === undefined ? {} : { terms: file.terms };
  const kept = { sha256, bytes, name: file.name, source: source.text, ...terms };
  await cache.keep(kept);
  return kept;
}
