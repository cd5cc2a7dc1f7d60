import {
  LineCounter,
  isCollection,
  isMap,
  isScalar,
  parseAllDocuments,
  parseDocument as parseYaml,
} from 'yaml';
import type { Document, Node } from 'yaml';
import type { z } from 'zod';
import { DocumentError } from './document-error.ts';
import type { DocumentFault } from './document-error.ts';
import { faultsOfIssues } from './zod-faults.ts';
import type { FaultPath } from './zod-faults.ts';

/** A YAML document that can say on which line each of its values stands. */
export class ParsedDocument {
  readonly file: string;
  /** Its own text, without the lines that part it from other documents of the file. */
  readonly text: string;
  /** The document's content as plain values. */
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(file: string, text: string, document: Document, lines: LineCounter) {
    this.file = file;
    this.text = text;
    this.value = document.toJS({ maxAliasCount: 100 });
    this.#document = document;
    this.#lines = lines;
  }

  /** @throws DocumentError with a fault, its line and its path for everything the schema refuses. */
  validate<T>(schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(this.value);
    if (parsed.success) return parsed.data;
    const faults = faultsOfIssues(parsed.error.issues).map(({ path, message }) => this.#fault(path, message));
    throw new DocumentError(faults);
  }

  /** An error about the value at `path`, for rules that a schema cannot express, such as a file that must exist. */
  error(path: FaultPath, message: string): DocumentError {
    return new DocumentError([this.#fault(path, message)]);
  }

  /** The line, from 1, of the value at `path`; of its nearest container when it is missing. */
  lineOf(path: FaultPath): number {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsetOf(path.slice(0, length));
      if (offset !== undefined) return this.#lines.linePos(offset).line;
    }
    const offset = this.#document.contents?.range?.[0] ?? 0;
    return Math.max(1, this.#lines.linePos(offset).line);
  }

  #fault(path: FaultPath, message: string): DocumentFault {
    return { file: this.file, line: this.lineOf(path), path: pathText(path), message };
  }

  #offsetOf(path: FaultPath): number | undefined {
    const parent =
      path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    const key = path.at(-1);
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => (isScalar(item.key) ? String(item.key.value) : undefined) === String(key),
      );
      return (pair?.key as Node | undefined)?.range?.[0];
    }
    const node = isCollection(parent) ? parent.getIn([key], true) : undefined;
    return (node as Node | undefined)?.range?.[0];
  }
}

/**
 * Parses one YAML document.
 * @param file how messages name it
 * @throws DocumentError when the text is not one valid YAML document.
 */
export function parseDocument(file: string, text: string): ParsedDocument {
  const lines = new LineCounter();
  const document = parseYaml(text, { lineCounter: lines, prettyErrors: false });
  return (
    parsed({ file, text, lines }, [document])[0] ?? fail({ file, line: 1, path: '', message: noDocument })
  );
}

/**
 * Parses all YAML documents of a text, which `---` parts; empty ones are skipped.
 * @param file how messages name it
 * @throws DocumentError when one is not valid YAML or when there is none.
 */
export function parseDocuments(file: string, text: string): ParsedDocument[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const filled = 'empty' in documents ? [] : documents.filter(isFilled);
  return filled.length > 0
    ? parsed({ file, text, lines }, filled)
    : fail({ file, line: 1, path: '', message: noDocument });
}

const noDocument = 'holds no document; expected YAML with apiVersion, kind, metadata and spec';

interface Source {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
}

function isFilled({ contents, errors }: Document): boolean {
  return errors.length > 0 || (contents !== null && !(isScalar(contents) && contents.value === null));
}

function parsed({ file, text, lines }: Source, documents: readonly Document[]): ParsedDocument[] {
  const faults = documents
    .flatMap(({ errors }) => errors)
    .map(({ pos, message }) => ({ file, line: lines.linePos(pos[0]).line, path: '', message }));
  if (faults.length > 0) throw new DocumentError(faults);
  return documents.map((document) => {
    const [start, , end] = document.range ?? [0, 0, text.length];
    try {
      return new ParsedDocument(file, ownText(text.slice(start, end)), document, lines);
    } catch (error) {
      // Aliases that grow without bounds, or that name no anchor, come to light only here.
      const message = error instanceof Error ? error.message : String(error);
      throw new DocumentError([{ file, line: lines.linePos(start).line, path: '', message }]);
    }
  });
}

/** The same text wherever in a file the document stands. */
function ownText(text: string): string {
  return text
    .replace(/^---[^\S\n]*\n/, '')
    .replace(/\n\.\.\.\s*$/, '')
    .trim();
}

function fail(fault: DocumentFault): never {
  throw new DocumentError([fault]);
}

/** `spec.models[0].name` */
function pathText(path: FaultPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
