import { DocumentError } from '../document-error.ts';
import type { DocumentFault } from '../document-error.ts';
import { parseDocuments } from '../document.ts';
import type { ParsedDocument } from '../document.ts';
import { sha256 } from './document-files.ts';
import type { FileText } from './document-files.ts';
import type { BareForm, DocumentKind, LoadedDocument } from './document-kind.ts';

/** What one file holds: documents, or what is wrong with it. A file is taken or left as a whole. */
export interface FileDocuments {
  readonly file: string;
  /** Of the text this was read from. */
  readonly digest: string;
  /** undefined when there are faults. */
  readonly documents: readonly LoadedDocument[] | undefined;
  readonly faults: readonly DocumentFault[];
}

/** Parses a file and validates each of its documents by the schema of its kind. */
export function documentsIn(
  { file, content, digest }: FileText,
  kinds: readonly DocumentKind[],
): FileDocuments {
  if ('fault' in content) {
    return {
      file,
      digest,
      documents: undefined,
      faults: [{ file, line: 1, path: '', message: content.fault }],
    };
  }
  const folder = file.slice(0, file.lastIndexOf('/'));
  const here = kinds.filter((kind) => kind.folder === folder);
  const documents: LoadedDocument[] = [];
  const faults: DocumentFault[] = [];
  collectFaults(faults, () => {
    for (const parsed of parseDocuments(file, content.text)) {
      collectFaults(faults, () => documents.push(documentOf(parsed, here)));
    }
  });
  return { file, digest, documents: faults.length > 0 ? undefined : documents, faults };
}

function documentOf(parsed: ParsedDocument, kinds: readonly DocumentKind[]): LoadedDocument {
  const written = (parsed.value as { readonly kind?: unknown } | null)?.kind;
  const short = written === undefined ? kinds.find(({ bare }) => isBare(parsed.value, bare)) : undefined;
  const kind = short ?? kinds.find((candidate) => candidate.kind === written);
  if (kind === undefined) {
    const expected = kinds.map((candidate) => candidate.kind).join(' or ');
    throw parsed.error(['kind'], `must be ${expected} in this folder`);
  }
  const value = parsed.validate(short?.bare?.schema ?? kind.schema);
  const { name, version } = value.metadata;
  const form = short === undefined ? {} : { bare: true };
  return {
    kind: kind.kind,
    ...form,
    name,
    version,
    digest: sha256(parsed.text),
    file: parsed.file,
    parsed,
    value,
  };
}

function isBare(value: unknown, bare: BareForm | undefined): boolean {
  return bare !== undefined && typeof value === 'object' && value !== null && bare.key in value;
}

function collectFaults(faults: DocumentFault[], read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    faults.push(...error.faults);
  }
}
