import type { CallProfile, ModelDefinition } from '../models/model-definition.ts';
import type { FileSource } from '../sources/file-source.ts';
import { splitPart } from '../sources/split-parts.ts';

/** Text for people, by language code. */
export type Texts = Readonly<Record<string, string>>;

/** One file of a model that can be pulled. */
export interface CatalogFile {
  /** Its path in the model cache, with `/`. */
  readonly name: string;
  /** Absent when only the source knows; so is the next. */
  readonly bytes?: number;
  readonly sha256?: string;
  /** In order of preference. */
  readonly sources: readonly FileSource[];
  /** Kept beside a file that no catalogue describes. */
  readonly terms?: ModelDefinition['terms'];
}

/** A model that is worth pulling. */
export interface CatalogEntry {
  readonly name: string;
  readonly title: Texts;
  readonly description: Texts;
  readonly terms: ModelDefinition['terms'];
  /** Codes such as `en`. */
  readonly languages: readonly string[];
  /** How many weights. */
  readonly parameters: number;
  /** What the model was trained with. */
  readonly contextTokens: number;
  /** What it is loaded with here. */
  readonly serve: { readonly tokens: number; readonly slots: number };
  readonly engine: string;
  readonly profile: CallProfile;
  /** The first is what the engine opens. */
  readonly files: readonly CatalogFile[];
}

/** Requests that may wait for a pulled model; as model documents have it unless they say otherwise. */
const maxQueued = 2048;

/** The bytes of all files; 0 when they are not known. */
export function bytesOf({ files }: CatalogEntry): number {
  return files.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
}

/** The text in English, else in whatever language there is. */
export function textOf(texts: Texts): string {
  return texts['en'] ?? Object.values(texts)[0] ?? '';
}

/**
 * The model that a pulled entry is.
 * @param folder the model cache
 * @param sha256 of its first file
 */
export function definitionOf(entry: CatalogEntry, folder: string, sha256: string): ModelDefinition {
  const { name, title, description, engine, terms, serve, profile, files } = entry;
  return {
    name,
    version: '1.0.0',
    description: textOf(description) || textOf(title),
    engine,
    path: `${folder}/${files[0]?.name ?? ''}`,
    sha256,
    ...partDigests(files),
    aliases: [],
    contextTokens: serve.tokens,
    slots: serve.slots,
    maxQueued,
    profile,
    terms,
    load: { when: 'never' },
  };
}

/** The digests of all parts, where the model is split and all are known beforehand. */
function partDigests(files: readonly CatalogFile[]): Pick<ModelDefinition, 'partSha256'> {
  if (files.length < 2 || files.some(({ name }) => splitPart(name) === undefined)) return {};
  const digests = files.flatMap((file) => file.sha256 ?? []);
  return digests.length === files.length ? { partSha256: digests } : {};
}
