import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import type { DocumentError, DocumentFault, LoadedDocument } from '@parley/config';
import type { CallProfile, LoadPolicy, ModelDefinition } from '../../domain/models/model-definition.ts';
import type { QueueLimits } from '../../ports/engine.ts';
import { expectedWeights } from './expected-weights.ts';
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
  const hasBare = documents.some(({ bare }) => bare === true);
  for (const document of documents) {
    for (const [index, alias] of document.value.spec.aliases.entries()) {
      if (yields(document, alias, hasBare)) continue;
      const owner = owners.get(alias);
      if (owner === undefined) owners.set(alias, document.name);
      else faults.push(...taken(document, index, alias, owner).faults);
    }
  }
  const definitions = documents.map((document) => {
    const definition = definitionOf(document, folders);
    return {
      ...definition,
      aliases: definition.aliases.filter((alias) => !yields(document, alias, hasBare)),
    };
  });
  return { definitions, faults };
}

/** A document in the short form is the default model, whoever else would be: such as the bundled one. */
function yields({ bare }: Source, alias: string, hasBare: boolean): boolean {
  return hasBare && bare !== true && alias === 'default';
}

function taken({ parsed, bare }: Source, index: number, alias: string, owner: string): DocumentError {
  const path = bare === true ? ['model'] : ['spec', 'aliases', index];
  return parsed.error(path, `"${alias}" is taken by model "${owner}"`);
}

function definitionOf(source: Source, folders: ModelFolders): ModelDefinition {
  const { value, digest, file } = source;
  const { metadata, spec } = value;
  const { context, queue, terms } = spec;
  return {
    name: metadata.name,
    version: metadata.version,
    description: metadata.description['en'] ?? metadata.title['en'] ?? '',
    ...sourceOf(source, join(folders.configDir, file), folders.cacheDir),
    aliases: spec.aliases,
    contextTokens: context.tokens,
    slots: context.slots,
    maxQueued: queue.maxRequests,
    ...queueLimits(queue),
    profile: callProfile(spec.profile),
    terms: {
      license: terms.license,
      ...(terms.url === undefined ? {} : { url: terms.url }),
      ...(terms.commercialUse === undefined ? {} : { commercialUse: terms.commercialUse }),
    },
    load: loadPolicy(spec.load),
    document: { digest, file },
  };
}

/** What a model is made of, which depends on its engine; some engines have something to say about it. */
function sourceOf(
  source: Source,
  file: string,
  cacheDir: string,
): Pick<ModelDefinition, 'engine' | 'path'> & Partial<ModelDefinition> {
  const { metadata, spec } = source.value;
  if (spec.engine === 'openai') return remoteSource(spec, file);
  if (spec.engine === 'onnx') {
    const { path, sha256, precision } = spec;
    const weights = { path: pathOf(path, file, cacheDir), ...digestsOf(sha256) };
    return { engine: 'onnx', ...weights, ...expectedWeights(source, { precision }) };
  }
  if (spec.engine !== 'simulated') {
    const path = pathOf(spec.path, file, cacheDir);
    return { engine: 'gguf', path, ...digestsOf(spec.sha256), ...expectedWeights(source, spec) };
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

/** A split file may have a digest for each part. */
function digestsOf(
  sha256: string | readonly string[] | undefined,
): Pick<ModelDefinition, 'sha256' | 'partSha256'> {
  if (sha256 === undefined) return {};
  return typeof sha256 === 'string' ? { sha256 } : { partSha256: sha256 };
}

function pathOf(written: string, file: string, cacheDir: string): string {
  if (written.startsWith(cachePrefix)) return join(cacheDir, written.slice(cachePrefix.length));
  return resolve(dirname(file), written);
}

function loadPolicy({ when, unload, mmap }: ModelDocument['spec']['load']): LoadPolicy {
  return {
    when,
    ...(unload === 'never' ? {} : { unload }),
    ...(mmap === 'auto' ? {} : { mmap: mmap === 'on' }),
  };
}

function queueLimits({ maxTokens, maxWaitMs }: ModelDocument['spec']['queue']): { queue?: QueueLimits } {
  if (maxTokens === undefined && maxWaitMs === undefined) return {};
  return {
    queue: {
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
    },
  };
}

/** How a document says its model is called best. */
export function callProfile(profile: ModelDocument['spec']['profile']): CallProfile {
  const sampling = Object.entries(profile.sampling).filter(([, value]) => value !== undefined);
  return {
    sampling: Object.fromEntries(sampling),
    stop: profile.stop,
    systemRole: profile.systemRole,
    ...(profile.toolCalls === undefined ? {} : { toolCalls: profile.toolCalls }),
    ...(profile.reasoning === 'none' ? {} : { reasoning: profile.reasoning }),
    ...(profile.template === undefined ? {} : { template: profile.template }),
  };
}
