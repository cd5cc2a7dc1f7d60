import type { CachedFile, WantedFile } from '../../ports/pull/model-cache.ts';
import type { PullProgress } from '../../ports/pull/pull-progress.ts';
import { bytesOf } from '../catalog/catalog-entry.ts';
import type { CatalogEntry, CatalogFile } from '../catalog/catalog-entry.ts';
import { pullFile } from './pull-file.ts';
import type { FilePullParts } from './pull-file.ts';
import type { PruneCache } from './prune-cache.ts';
import { requireRoom } from './require-room.ts';

/**
 * Puts all files of an entry into the cache, the licence told first.
 * @returns the files, in the entry's order
 * @throws ParleyError as `pullFile`, and when there is too little room, with the numbers.
 */
export async function pullEntry(
  entry: CatalogEntry,
  parts: FilePullParts & { readonly bound: PruneCache },
  progress: PullProgress,
): Promise<CachedFile[]> {
  progress.note(termsText(entry));
  progress.stage('looking at what is there');
  const missing: CatalogFile[] = [];
  for (const file of entry.files) {
    const there = file.sha256 === undefined ? undefined : await parts.cache.find(file, progress.signal);
    if (there === undefined) missing.push(file);
  }
  const bytes = missing.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  await parts.bound.makeRoom(entry.name, bytes);
  const free = await parts.room.freeBytes(missing.map(({ name }) => name));
  if (bytes > 0) requireRoom({ name: entry.name, bytes, folder: parts.cache.folder }, free);
  const total = bytesOf(entry);
  const kept: CachedFile[] = [];
  let before = 0;
  for (const file of entry.files) {
    kept.push(await pullFile(file, parts, progressOf(file, before, total, progress)));
    before += file.bytes ?? 0;
    // What came first must not count as unused while the rest comes.
    for (const { name } of kept) await parts.cache.touch(name);
    if (total > 0) progress.bytes(before, total);
  }
  await parts.fetcher.tidy();
  // Of some files only their source knew the size.
  await parts.bound.settle(
    entry.name,
    kept.map(({ name }) => name),
  );
  return kept;
}

/** Bytes of one file's fetch as bytes of the whole entry: what is fetched may be an archive of another size. */
function progressOf(
  { bytes = 0 }: WantedFile,
  before: number,
  entryBytes: number,
  progress: PullProgress,
): PullProgress {
  return {
    signal: progress.signal,
    stage: (text) => progress.stage(text),
    note: (line) => progress.note(line),
    bytes: (done, total) => {
      if (entryBytes === 0) progress.bytes(done, total);
      else if (total > 0) progress.bytes(before + Math.round(Math.min(1, done / total) * bytes), entryBytes);
    },
  };
}

function termsText({ name, terms }: CatalogEntry): string {
  const { license, url, commercialUse } = terms;
  if (license === '') return `${name}: no licence is known; its owner says how it may be used.`;
  const use =
    commercialUse === undefined ? '' : `, commercial use ${commercialUse ? 'allowed' : 'not allowed'}`;
  return `${name}: licence ${license}${use}${url === undefined ? '' : `, terms: ${url}`}`;
}
