import { ParleyError } from '@parley/kernel';
import type { CachedFile } from '../../ports/pull/model-cache.ts';
import type { FileFacts } from '../../ports/pull/model-shelf.ts';
import { fileNameOf } from '../sources/file-source.ts';
import type { FileSource } from '../sources/file-source.ts';
import { partName, partSources, splitPart } from '../sources/split-parts.ts';
import type { CatalogEntry, CatalogFile } from './catalog-entry.ts';

/** The context of a model that nobody here knows: enough for a conversation, little enough for any machine. */
const assumedTokens = 4096;
const assumedSlots = 4;

/** A model that no catalogue describes. */
export interface UnlistedModel {
  readonly name: string;
  /** Where it comes from, for people. */
  readonly from: string;
  /** All parts in order. */
  readonly files: readonly Pick<CatalogFile, 'sources' | 'bytes' | 'sha256'>[];
  readonly terms?: CatalogEntry['terms'];
}

/**
 * An entry for a file that no catalogue describes, and its other parts when it is one of several: its name is the
 * file's, its digest is what came, and its terms are its owner's to tell.
 * @throws ParleyError `unsupported` when no engine here opens such a file.
 */
export function entryOfSource(source: FileSource): CatalogEntry {
  const files = partSources(source).map((part) => ({ sources: [part] }));
  return unlistedEntry({ name: modelNameFor(source), from: source.text, files });
}

/** @throws ParleyError `unsupported` when no engine here opens such a file. */
export function modelNameFor(source: FileSource): string {
  const file = fileNameOf(source);
  const name = plainName(splitPart(file)?.stem ?? file.replace(/\.gguf$/i, ''));
  if (/\.gguf$/i.test(file) && name !== '') return name;
  const message = `"${source.text}" is no GGUF file, the only kind that can be pulled without a catalogue entry.`;
  throw new ParleyError('unsupported', message, { param: 'source' });
}

/** A text as models may be called; '' when nothing of it is left. */
export function plainName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63)
    .replace(/[-._]+$/, '');
}

/** The entry of a model that no catalogue describes. */
export function unlistedEntry({ name, from, files, terms = { license: '' } }: UnlistedModel): CatalogEntry {
  const named = files.map((file, at) => ({
    ...file,
    name: files.length === 1 ? `${name}.gguf` : partName(name, at + 1, files.length),
    ...(at === 0 && terms.license !== '' ? { terms } : {}),
  }));
  return {
    name,
    title: {},
    description: { en: `Pulled from ${from}.` },
    terms,
    languages: [],
    parameters: 0,
    contextTokens: assumedTokens,
    serve: { tokens: assumedTokens, slots: assumedSlots },
    engine: 'gguf',
    profile: { sampling: {}, stop: [], systemRole: true },
    files: named,
  };
}

/** The entry of what lies in the cache and no catalogue describes. @param files all parts in order */
export function entryOfCached(name: string, files: readonly CachedFile[]): CatalogEntry {
  const [first] = files;
  const known = first?.terms === undefined ? {} : { terms: first.terms };
  const parts = files.map(({ bytes, sha256 }) => ({ bytes, sha256, sources: [] }));
  const entry = unlistedEntry({ name, from: first?.source ?? '', files: parts, ...known });
  if (first?.contextTokens === undefined) return entry;
  return withContext(entry, first.contextTokens);
}

/** The same entry with what its file says of itself; what its source said of its terms counts more. */
export function withFacts(entry: CatalogEntry, facts: FileFacts | undefined): CatalogEntry {
  if (facts === undefined) return entry;
  const { trainedContextTokens, license } = facts;
  const terms = entry.terms.license === '' ? { license } : entry.terms;
  return { ...withContext(entry, trainedContextTokens), terms };
}

function withContext(entry: CatalogEntry, contextTokens: number): CatalogEntry {
  const serve = { ...entry.serve, tokens: Math.min(entry.serve.tokens, contextTokens) };
  return { ...entry, contextTokens, serve };
}
