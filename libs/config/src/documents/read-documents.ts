import type { DocumentFault } from '../document-error.ts';
import { readFolders } from './document-files.ts';
import type { DocumentKind, LoadedDocument } from './document-kind.ts';
import { documentsIn } from './file-documents.ts';
import { takeEffect } from './take-effect.ts';
import type { CompileDocuments } from './take-effect.ts';

/** The documents of some kinds, and what is wrong with the others. */
export interface ReadDocuments {
  readonly documents: readonly LoadedDocument[];
  readonly faults: readonly DocumentFault[];
}

/** Reads all documents of the given kinds: YAML, schema, and one document for a name of a kind. Never throws for bad content. */
export async function readDocuments(
  configDir: string,
  kinds: readonly DocumentKind[],
): Promise<ReadDocuments> {
  let documents: readonly LoadedDocument[] = [];
  const faults = await checkDocuments(configDir, kinds, (found) => {
    documents = found;
    return Promise.resolve({ value: undefined, faults: [], refused: [] });
  });
  return { documents, faults };
}

/** Everything that loading the documents of a folder would complain about, the documents' own tests included. */
export async function checkDocuments(
  configDir: string,
  kinds: readonly DocumentKind[],
  compile: CompileDocuments<unknown>,
): Promise<readonly DocumentFault[]> {
  const texts = await readFolders(
    configDir,
    kinds.map(({ folder }) => folder),
  );
  const found = texts.files.map((file) => documentsIn(file, kinds));
  return (await takeEffect(found, texts.unreadable, undefined, compile)).faults;
}
