import type { DocumentFault, LoadedDocument } from '@parley/config';
import { ParleyError } from '@parley/kernel';
import type { CatalogEntry, CatalogFile } from '../../../domain/catalog/catalog-entry.ts';
import { parseSource } from '../../../domain/sources/file-source.ts';
import { callProfile } from '../model-documents.ts';
import type { CatalogDocument } from './catalog-schema.ts';

/** A catalogue's entries and what is wrong with it. */
export interface CompiledCatalog {
  readonly entries: readonly CatalogEntry[];
  readonly faults: readonly DocumentFault[];
}

type Source = LoadedDocument<CatalogDocument>;
type Model = CatalogDocument['spec']['models'][number];
type File = Model['files'][number];

/** Names that are taken, of models and of files. */
interface Names {
  readonly models: Set<string>;
  readonly files: Map<string, File>;
}

/** All catalogues as one: sources are read, and no name may come twice. */
export function compileCatalog(documents: readonly Source[]): CompiledCatalog {
  const faults: DocumentFault[] = [];
  const entries: CatalogEntry[] = [];
  const names: Names = { models: new Set(), files: new Map() };
  for (const document of documents) {
    for (const [index, model] of document.value.spec.models.entries()) {
      const found = faultsOf(document, index, model, names);
      faults.push(...found);
      if (found.length === 0) entries.push(entryOf(model));
    }
  }
  return { entries, faults };
}

function faultsOf({ parsed }: Source, index: number, model: Model, names: Names): DocumentFault[] {
  const at = ['spec', 'models', index];
  const faults: DocumentFault[] = [];
  if (names.models.has(model.name))
    faults.push(...parsed.error([...at, 'name'], `"${model.name}" is in the catalogue already`).faults);
  names.models.add(model.name);
  for (const [place, file] of model.files.entries()) {
    const other = names.files.get(file.name);
    const path = [...at, 'files', place];
    if (other !== undefined && other.sha256 !== file.sha256)
      faults.push(...parsed.error([...path, 'name'], `another file is called "${file.name}" already`).faults);
    names.files.set(file.name, file);
    for (const [position, source] of file.sources.entries()) {
      const message = faultOfSource(source);
      if (message !== undefined) faults.push(...parsed.error([...path, 'sources', position], message).faults);
    }
  }
  return faults;
}

function faultOfSource(text: string): string | undefined {
  try {
    parseSource(text);
    return undefined;
  } catch (error) {
    if (error instanceof ParleyError) return error.message;
    throw error;
  }
}

function entryOf({ terms, profile, files, ...model }: Model): CatalogEntry {
  const { license, url, commercialUse } = terms;
  return {
    ...model,
    title: definedOf(model.title),
    description: definedOf(model.description),
    terms: {
      license,
      ...(url === undefined ? {} : { url }),
      ...(commercialUse === undefined ? {} : { commercialUse }),
    },
    profile: callProfile(profile),
    files: files.map((file): CatalogFile => ({ ...file, sources: file.sources.map(parseSource) })),
  };
}

function definedOf(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
