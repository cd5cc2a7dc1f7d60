import { faultText } from '../document-error.ts';
import type { DocumentFault } from '../document-error.ts';
import type { LoadedDocument } from './document-kind.ts';
import type { FileDocuments } from './file-documents.ts';

/** What a service made of a set of documents. */
export interface Compiled<R> {
  /** Used only when nothing is refused. */
  readonly value: R;
  readonly faults: readonly DocumentFault[];
  /** Documents whose references or own tests failed; their files fall back to their last good documents. */
  readonly refused: readonly LoadedDocument[];
}

/**
 * Makes the service's own form of all documents: references, compilation, then the documents' own tests. Called again
 * with fewer or older documents while it refuses some; must accept none at all and must not throw for bad documents.
 */
export type CompileDocuments<R> = (documents: readonly LoadedDocument[]) => Promise<Compiled<R>>;

/** The documents in effect and what was made of them. */
export interface InEffect<R> {
  readonly files: ReadonlyMap<string, readonly LoadedDocument[]>;
  readonly value: R;
}

/** What a look at the folders came to. */
export interface Outcome<R> {
  /** The same object as before when nothing took effect. */
  readonly inEffect: InEffect<R>;
  readonly faults: readonly DocumentFault[];
}

type Choice = Map<string, readonly LoadedDocument[]>;

/**
 * Decides which documents take effect. A file at fault keeps its last good documents; one without any is left out.
 * When a document that did not change is refused, because of what it refers to, nothing of this look takes effect.
 * @param unreadable folders whose files are kept as they were
 * @throws what `compile` throws.
 */
export async function takeEffect<R>(
  found: readonly FileDocuments[],
  unreadable: readonly DocumentFault[],
  before: InEffect<R> | undefined,
  compile: CompileDocuments<R>,
): Promise<Outcome<R>> {
  const faults = new Map<string, DocumentFault>();
  const tell = (told: readonly DocumentFault[]): void => {
    for (const fault of told) faults.set(faultText(fault), fault);
  };
  tell(unreadable);
  for (const file of found) tell(file.faults);
  const choice = firstChoice(found, unreadable, before);
  for (;;) {
    const claimed = claimNames(choice, before);
    tell(claimed.faults);
    let refused = claimed.refused;
    if (refused.length === 0) {
      const compiled = await compile([...choice.values()].flat());
      tell(compiled.faults);
      refused = compiled.refused.map(({ file }) => file);
      if (refused.length === 0) {
        const inEffect =
          before !== undefined && isSame(choice, before.files)
            ? before
            : { files: choice, value: compiled.value };
        return { inEffect, faults: inOrder(faults) };
      }
    }
    if (fallBack(choice, refused, before)) continue;
    if (before === undefined) throw new Error('Documents were refused that were not given.');
    return { inEffect: before, faults: inOrder(faults) };
  }
}

function firstChoice<R>(
  found: readonly FileDocuments[],
  unreadable: readonly DocumentFault[],
  before: InEffect<R> | undefined,
): Choice {
  const choice: Choice = new Map();
  for (const [file, documents] of before?.files ?? []) {
    if (unreadable.some((folder) => folder.file === '.' || file.startsWith(`${folder.file}/`)))
      choice.set(file, documents);
  }
  for (const { file, documents } of found) {
    const chosen = documents ?? before?.files.get(file);
    if (chosen !== undefined) choice.set(file, chosen);
  }
  return choice;
}

/** A name of a kind belongs to the document that already had it in the same file, else to the first in the order of files. */
function claimNames<R>(
  choice: Choice,
  before: InEffect<R> | undefined,
): { faults: DocumentFault[]; refused: string[] } {
  const owners = new Map<string, LoadedDocument>();
  for (const [file, documents] of before?.files ?? []) {
    const kept = new Set(choice.get(file)?.map(keyOf));
    for (const document of documents) if (kept.has(keyOf(document))) owners.set(keyOf(document), document);
  }
  const faults: DocumentFault[] = [];
  const refused: string[] = [];
  const claimed = new Set<string>();
  for (const document of [...choice.values()].flat()) {
    const key = keyOf(document);
    const owner = owners.get(key);
    owners.set(key, owner ?? document);
    if ((owner === undefined || owner.file === document.file) && !claimed.has(key)) {
      claimed.add(key);
      continue;
    }
    const where = `${owner?.file ?? document.file}:${owner?.parsed.lineOf(['metadata', 'name']) ?? 1}`;
    const message = `the ${document.kind} "${document.name}" is there already, at ${where}; expected another name`;
    faults.push(...document.parsed.error(['metadata', 'name'], message).faults);
    refused.push(document.file);
  }
  return { faults, refused };
}

/** Gives each of the files its last good documents, or none; false when one of them has nothing to fall back to. */
function fallBack<R>(choice: Choice, files: readonly string[], before: InEffect<R> | undefined): boolean {
  let hasChanged = false;
  for (const file of new Set(files)) {
    const chosen = choice.get(file);
    const last = before?.files.get(file);
    if (chosen === undefined) continue;
    if (last !== undefined && sameDocuments(chosen, last)) return false;
    if (last === undefined) choice.delete(file);
    else choice.set(file, last);
    hasChanged = true;
  }
  return hasChanged;
}

function isSame(choice: Choice, files: InEffect<unknown>['files']): boolean {
  return (
    choice.size === files.size &&
    [...choice].every(([file, documents]) => sameDocuments(documents, files.get(file) ?? []))
  );
}

function sameDocuments(some: readonly LoadedDocument[], others: readonly LoadedDocument[]): boolean {
  return some.length === others.length && some.every(({ digest }, index) => digest === others[index]?.digest);
}

function keyOf({ kind, name }: LoadedDocument): string {
  return `${kind} ${name}`;
}

function inOrder(faults: ReadonlyMap<string, DocumentFault>): DocumentFault[] {
  return [...faults.values()].toSorted((a, b) => compareText(a.file, b.file) || a.line - b.line);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
