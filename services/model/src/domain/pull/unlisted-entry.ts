import { ParleyError, toParleyError } from '@parley/kernel';
import type { HubFile, HubRepository } from '../../ports/pull/model-hub.ts';
import type { PullProgress } from '../../ports/pull/pull-progress.ts';
import type { CatalogEntry } from '../catalog/catalog-entry.ts';
import { entryOfSource, modelNameFor, unlistedEntry } from '../catalog/entry-of-source.ts';
import type { UnlistedModel } from '../catalog/entry-of-source.ts';
import { chooseFile, chooseFiles } from '../sources/choose-files.ts';
import type { FileSource } from '../sources/file-source.ts';
import type { RepositorySource } from '../sources/model-source.ts';
import { freeName, modelNameOf } from './model-names.ts';
import type { ModelPullsParts } from './model-pulls-parts.ts';

/**
 * The entry of a model that is pulled by its source. The hub is asked first: it knows sizes, digests and terms, and the
 * commit that keeps all parts of one state.
 * @throws ParleyError `invalid_request` that lists what a repository has when it is not clear which is meant.
 */
export async function unlistedModel(
  source: FileSource | RepositorySource,
  parts: ModelPullsParts,
  progress: PullProgress,
): Promise<CatalogEntry> {
  const entry = await entryFor(source, parts, progress);
  return await underFreeName(entry, parts);
}

async function entryFor(
  source: FileSource | RepositorySource,
  { hub }: ModelPullsParts,
  progress: PullProgress,
): Promise<CatalogEntry> {
  if (source.kind !== 'hf' && source.kind !== 'repository') return entryOfSource(source);
  progress.stage(`asking the hub for ${source.repository}`);
  try {
    const found = await hub.look(source.repository, source.revision, progress.signal);
    const files =
      source.kind === 'hf' ? chooseFile(found, source.file) : chooseFiles(found, source.quantisation);
    return entryOfHub(found, files);
  } catch (thrown) {
    progress.signal.throwIfAborted();
    const error = toParleyError(thrown);
    if (error.code !== 'unavailable') throw named(source.text, error);
    // A server of files that has no list of them may have the file.
    if (source.kind === 'repository') throw named(source.text, error);
    progress.note(`${source.text}: ${error.message} Its size, digest and terms are not known beforehand.`);
    return entryOfSource(source);
  }
}

function entryOfHub({ repository, commit, terms }: HubRepository, files: readonly HubFile[]): CatalogEntry {
  const sources = files.map((file) => sourceOf(repository, commit, file));
  const [first] = sources;
  if (first === undefined) throw new ParleyError('internal', `${repository}: nothing was chosen.`);
  const model: UnlistedModel = {
    name: modelNameFor(first),
    from: `hf:${repository}`,
    terms,
    files: files.map(({ bytes, sha256 }, at) => ({
      bytes,
      ...(sha256 === undefined ? {} : { sha256 }),
      sources: sources.slice(at, at + 1),
    })),
  };
  return unlistedEntry(model);
}

function sourceOf(repository: string, revision: string, { path }: HubFile): FileSource {
  return { kind: 'hf', text: `hf:${repository}/${path}@${revision}`, repository, file: path, revision };
}

/** Two repositories may name their files alike; a model that is here keeps its name. */
async function underFreeName(
  entry: CatalogEntry,
  { cache, adopted, shelf, entries }: ModelPullsParts,
): Promise<CatalogEntry> {
  const [source] = entry.files[0]?.sources ?? [];
  const from = originOf(source?.text ?? '');
  const others = (await cache.list()).filter((file) => originOf(file.source) !== from);
  const taken = new Set([
    ...others.map((file) => modelNameOf(file.name)),
    ...(await adopted.list()).map(({ name }) => name),
    ...entries.map(({ name }) => name),
  ]);
  const name = freeName(entry.name, (wanted) => taken.has(wanted) || shelf.isDescribed(wanted));
  if (name === entry.name) return entry;
  const { files, terms } = entry;
  const known = terms.license === '' ? {} : { terms };
  const renamed = unlistedEntry({
    name,
    from: entry.description['en']?.slice(12, -1) ?? '',
    files,
    ...known,
  });
  return renamed;
}

/** A source without its revision and its number of a part: another state of the same file takes its place. */
function originOf(text: string): string {
  return text.replace(/^(hf:.*)@[^@]*$/, '$1').replace(/-\d{5}-of-\d{5}(?=\.gguf)/i, '');
}

function named(text: string, error: ParleyError): ParleyError {
  const { code, message, retryable, details } = error;
  return new ParleyError(code, `${text}: ${message}`, { retryable, details, cause: error, param: 'source' });
}
