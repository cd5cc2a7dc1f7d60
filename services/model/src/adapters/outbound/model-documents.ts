import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import type { DocumentError, DocumentFault, LoadedDocument } from '@parley/config';
import type { CallProfile, ModelDefinition } from '../../domain/model-definition.ts';
import { remoteDigest, remoteSettingsSchema } from './openai/remote-settings-schema.ts';
import type { ModelDocument } from './model-document-schema.ts';

/** Stands for the folder of pulled models at the start of a path. */
const cachePrefix = 'cache:';

/** Where the paths of documents lead. */
export interface ModelFolders {
  readonly configDir: string;
  /** Where `cache:` paths point. */
  readonly cacheDir: string;
}

type Source = LoadedDocument<ModelDocument>;

/** The models that documents describe, and the names and aliases that two of them claim. */
export function compileModels(
  documents: readonly Source[],
  folders: ModelFolders,
): { readonly definitions: readonly ModelDefinition[]; readonly faults: readonly DocumentFault[] } {
  const faults: DocumentFault[] = [];
  const owners = new Map(documents.map(({ name }) => [name, name]));
  for (const document of documents) {
    for (const [index, alias] of document.value.spec.aliases.entries()) {
      const owner = owners.get(alias);
      if (owner === undefined) owners.set(alias, document.name);
      else faults.push(...taken(document, index, alias, owner).faults);
    }
  }
  return { definitions: documents.map((document) => definitionOf(document, folders)), faults };
}

function taken({ parsed }: Source, index: number, alias: string, owner: string): DocumentError {
  return parsed.error(['spec', 'aliases', index], `"${alias}" is taken by model "${owner}"`);
}

function definitionOf({ value, digest, file }: Source, folders: ModelFolders): ModelDefinition {
  const { metadata, spec } = value;
  const { context, queue, terms } = spec;
  return {
    name: metadata.name,
    version: metadata.version,
    description: metadata.description['en'] ?? metadata.title['en'] ?? '',
    ...sourceOf(value, join(folders.configDir, file), folders.cacheDir),
    aliases: spec.aliases,
    contextTokens: context.tokens,
    slots: context.slots,
    maxQueued: queue.maxRequests,
    profile: callProfile(spec.profile),
    terms: {
      license: terms.license,
      ...(terms.url === undefined ? {} : { url: terms.url }),
      ...(terms.commercialUse === undefined ? {} : { commercialUse: terms.commercialUse }),
    },
    load: spec.load,
    document: { digest, file },
  };
}

/** What a model is made of, which depends on its engine; some engines have something to say about it. */
function sourceOf(
  { metadata, spec }: ModelDocument,
  file: string,
  cacheDir: string,
): Pick<ModelDefinition, 'engine' | 'path'> & Partial<ModelDefinition> {
  if (spec.engine === 'openai') return remoteSource(spec, file);
  if (spec.engine !== 'simulated') {
    const path = pathOf(spec.path, file, cacheDir);
    return { engine: 'gguf', path, ...(spec.sha256 === undefined ? {} : { sha256: spec.sha256 }) };
  }
  const { firstTokenMs, tokenMs, tokens, jitter } = spec;
  const settings = { firstTokenMs, tokenMs, tokens, jitter };
  const sha256 = createHash('sha256').update(JSON.stringify(settings)).digest('hex');
  const said = metadata.description['en'] ?? metadata.title['en'] ?? '';
  const description = `Simulated: makes up its answers, for tests of load only. ${said}`.trimEnd();
  return { engine: 'simulated', path: '', sha256, settings, description };
}

/** A remote model has no file here: its address, name and revision are its identity. */
function remoteSource(
  spec: Extract<ModelDocument['spec'], { engine: 'openai' }>,
  file: string,
): Pick<ModelDefinition, 'engine' | 'path' | 'sha256' | 'settings'> {
  const names = Object.keys(remoteSettingsSchema.shape);
  const told = Object.entries(spec).filter(([name, value]) => names.includes(name) && value !== undefined);
  const { apiKey } = spec;
  const keyFile =
    apiKey !== undefined && 'file' in apiKey ? { apiKey: { file: resolve(dirname(file), apiKey.file) } } : {};
  const settings = { ...Object.fromEntries(told), ...keyFile };
  return { engine: 'openai', path: '', sha256: remoteDigest(spec), settings };
}

function pathOf(written: string, file: string, cacheDir: string): string {
  if (written.startsWith(cachePrefix)) return join(cacheDir, written.slice(cachePrefix.length));
  return resolve(dirname(file), written);
}

/** How a document says its model is called best. */
export function callProfile(profile: ModelDocument['spec']['profile']): CallProfile {
  const sampling = Object.entries(profile.sampling).filter(([, value]) => value !== undefined);
  return {
    sampling: Object.fromEntries(sampling),
    stop: profile.stop,
    systemRole: profile.systemRole,
    ...(profile.template === undefined ? {} : { template: profile.template }),
  };
}
