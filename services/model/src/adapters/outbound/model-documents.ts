import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DocumentError, parseDocument } from '@parley/config';
import type { DocumentFault, ParsedDocument } from '@parley/config';
import type { CallProfile, ModelDefinition, PartialSampling } from '../../domain/model-definition.ts';
import { modelDocumentSchema } from './model-document-schema.ts';
import type { ModelDocument } from './model-document-schema.ts';

/** Stands for the folder of pulled models at the start of a path. */
const cachePrefix = 'cache:';

interface ReadModel {
  readonly document: ParsedDocument;
  readonly definition: ModelDefinition;
}

/**
 * Reads every model document of `<configDir>/models`.
 * @param cacheDir where `cache:` paths point
 * @param engines the engines that documents may name
 * @throws DocumentError with every fault of every document.
 */
export function readModelDocuments(
  configDir: string,
  cacheDir: string,
  engines: readonly string[],
): ModelDefinition[] {
  const folder = join(configDir, 'models');
  const faults: DocumentFault[] = [];
  const models: ReadModel[] = [];
  for (const file of yamlFiles(folder)) {
    collect(faults, () => {
      const document = parseDocument(file, readFileSync(file, 'utf8'));
      models.push({
        document,
        definition: definitionOf(document.validate(modelDocumentSchema), file, cacheDir),
      });
    });
  }
  const owners = new Map<string, string>();
  for (const model of models) collect(faults, () => checkEngine(model, engines));
  for (const model of models)
    collect(faults, () => claim(owners, model, ['metadata', 'name'], model.definition.name));
  for (const model of models) {
    for (const [index, alias] of model.definition.aliases.entries()) {
      collect(faults, () => claim(owners, model, ['spec', 'aliases', index], alias));
    }
  }
  if (faults.length > 0) throw new DocumentError(faults);
  return models.map(({ definition }) => definition);
}

function yamlFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    const message = 'cannot be read; the folder of model documents must exist.';
    throw new DocumentError([{ file: folder, line: 1, path: '', message }]);
  }
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function collect(faults: DocumentFault[], read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    faults.push(...error.faults);
  }
}

function checkEngine({ document, definition }: ReadModel, engines: readonly string[]): void {
  if (engines.includes(definition.engine)) return;
  throw document.error(['spec', 'engine'], `is no engine that there is: ${engines.join(', ')}`);
}

function claim(
  owners: Map<string, string>,
  { document, definition }: ReadModel,
  path: readonly (string | number)[],
  name: string,
): void {
  const owner = owners.get(name);
  if (owner !== undefined) throw document.error(path, `"${name}" is taken by model "${owner}"`);
  owners.set(name, definition.name);
}

function definitionOf({ metadata, spec }: ModelDocument, file: string, cacheDir: string): ModelDefinition {
  const { context, profile, queue, terms } = spec;
  const callProfile: CallProfile = {
    sampling: withoutUndefined(profile.sampling),
    stop: profile.stop,
    systemRole: profile.systemRole,
    ...(profile.template === undefined ? {} : { template: profile.template }),
  };
  return {
    name: metadata.name,
    version: metadata.version,
    description: metadata.description['en'] ?? metadata.title['en'] ?? '',
    engine: spec.engine,
    path: pathOf(spec.path, file, cacheDir),
    aliases: spec.aliases,
    contextTokens: context.tokens,
    slots: context.slots,
    maxQueued: queue.maxRequests,
    profile: callProfile,
    terms: { license: terms.license },
  };
}

function pathOf(written: string, file: string, cacheDir: string): string {
  if (written.startsWith(cachePrefix)) return join(cacheDir, written.slice(cachePrefix.length));
  return resolve(dirname(file), written);
}

function withoutUndefined(sampling: ModelDocument['spec']['profile']['sampling']): PartialSampling {
  return Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined));
}
