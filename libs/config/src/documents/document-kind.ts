import { z } from 'zod';
import type { ParsedDocument } from '../document.ts';

/** What every document says about itself, whatever its kind. */
export interface DocumentHead {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly version: string };
}

/** A kind of document. Several kinds may share a folder. */
export interface DocumentKind<T extends DocumentHead = DocumentHead> {
  /** As the document names it: `Assistant`. */
  readonly kind: string;
  /** Below the configuration folder: `assistants`. Folders inside it are not looked at. */
  readonly folder: string;
  readonly schema: z.ZodType<T>;
  /** The short form of this kind, where it has one: a document without head, told by its first key. */
  readonly bare?: BareForm<T>;
}

/** A document that is nothing but one key and what it holds: no `apiVersion`, `kind` and `metadata`. */
export interface BareForm<T extends DocumentHead = DocumentHead> {
  readonly key: string;
  /** Takes the whole document, and makes the long form of it. */
  readonly schema: z.ZodType<T>;
}

/** One document that is valid YAML and passed its schema. */
export interface LoadedDocument<T extends DocumentHead = DocumentHead> {
  readonly kind: string;
  /** Whether it was written in the short form. */
  readonly bare?: boolean;
  readonly name: string;
  readonly version: string;
  /** sha256 of the document's own text, lower-case hex. */
  readonly digest: string;
  /** Relative to the configuration folder, with `/`: `assistants/helper.yaml`. */
  readonly file: string;
  /** Knows the line of every value. */
  readonly parsed: ParsedDocument;
  readonly value: T;
}

/** Those of one kind, typed. */
export function documentsOf<T extends DocumentHead>(
  documents: readonly LoadedDocument[],
  kind: DocumentKind<T>,
): LoadedDocument<T>[] {
  // The schema of a kind made the value of every document of that kind.
  return documents.filter((document) => document.kind === kind.kind) as LoadedDocument<T>[];
}

/** The JSON Schema (draft 2020-12) of what an author writes, for editors; rules beyond a shape are not in it. */
export function jsonSchemaOf({ schema, bare }: DocumentKind): object {
  const written = bare === undefined ? schema : z.union([schema, bare.schema]);
  return z.toJSONSchema(written, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' });
}
