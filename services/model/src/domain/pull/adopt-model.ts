import { ParleyError } from '@parley/kernel';
import type { AdoptedModel, LocalModel } from '../../ports/pull/local-models.ts';
import type { PullProgress } from '../../ports/pull/pull-progress.ts';
import { definitionOf } from '../catalog/catalog-entry.ts';
import { plainName, unlistedEntry, withFacts } from '../catalog/entry-of-source.ts';
import type { ModelDefinition } from '../models/model-definition.ts';
import type { LocalProgramSource } from '../sources/model-source.ts';
import { allowsCommercialUse } from '../sources/licence-use.ts';
import { byteText } from './byte-text.ts';
import { freeName } from './model-names.ts';
import type { ModelPullsParts } from './model-pulls-parts.ts';

const maxListed = 40;

/** What somebody writes to pull a model of another program. */
export function localSourceText({ program, name }: Pick<LocalModel, 'program' | 'name'>): string {
  return `${program}:${name}`;
}

/**
 * Registers a model where another program keeps it; nothing is copied, and nothing there is ever changed.
 * @returns its name here
 * @throws ParleyError `model_not_found` that lists what there is; what is wrong with its file.
 */
export async function adoptModel(
  source: LocalProgramSource,
  parts: ModelPullsParts,
  progress: PullProgress,
): Promise<string> {
  const { shelf, adopted } = parts;
  progress.stage(`looking for it in the folder of ${source.program}`);
  const found = findLocal(source, await parts.local.list(progress.signal));
  const name = await nameFor(found, parts);
  const { bytes, sha256, license, profile, paths } = found;
  progress.note(`${localSourceText(found)} is used where it is (${byteText(bytes)}); nothing is copied.`);
  progress.stage('trying it out in a process of its own');
  const draft: AdoptedModel = {
    name,
    source: localSourceText(found),
    path: paths[0] ?? '',
    bytes,
    ...(sha256 === undefined ? {} : { sha256 }),
    contextTokens: 0,
    terms: { license },
    profile,
  };
  const facts = await shelf.prove(adoptedDefinition(draft), progress.signal);
  const told = facts?.license || license;
  const commercialUse = allowsCommercialUse(told);
  const terms = { license: told, ...(commercialUse === undefined ? {} : { commercialUse }) };
  const model = { ...draft, contextTokens: facts?.trainedContextTokens ?? 0, terms };
  shelf.register(adoptedDefinition(model));
  await adopted.keep(model);
  return name;
}

/** The model that an adopted one is. */
export function adoptedDefinition(model: AdoptedModel): ModelDefinition {
  const { name, source, path, sha256, contextTokens, terms, profile } = model;
  const plain = unlistedEntry({ name, from: source, files: [{ sources: [] }], terms });
  const facts = { license: terms.license, trainedContextTokens: contextTokens };
  const entry = contextTokens === 0 ? plain : withFacts(plain, facts);
  const { sha256: _, ...definition } = definitionOf(entry, '', '');
  return { ...definition, path, profile, ...(sha256 === undefined ? {} : { sha256 }) };
}

function findLocal({ program, name, text }: LocalProgramSource, models: readonly LocalModel[]): LocalModel {
  const own = models.filter((model) => model.program === program);
  const wanted = name.toLowerCase();
  const found =
    own.find((model) => model.name.toLowerCase() === wanted) ??
    own.find((model) => model.name.toLowerCase() === `${wanted}:latest`);
  if (found === undefined) {
    const names = own.slice(0, maxListed).map(localSourceText).join(', ');
    const there =
      names === '' ? `No models of ${program} were found on this machine.` : `There are: ${names}.`;
    throw new ParleyError('model_not_found', `There is no model "${text}". ${there}`, { param: 'source' });
  }
  if (found.problem === '') return found;
  throw new ParleyError('unsupported', `"${text}" cannot be used: ${found.problem}`, { param: 'source' });
}

/** A name that is free, or that is this very model's already. */
async function nameFor(
  found: LocalModel,
  { adopted, shelf, entries, cache }: ModelPullsParts,
): Promise<string> {
  const source = localSourceText(found);
  const mine = (await adopted.list()).find((model) => model.source === source);
  if (mine !== undefined) return mine.name;
  const last = found.name.replace(/\.gguf$/i, '').replace(/:latest$/i, '');
  const plain = plainName(last.slice(last.lastIndexOf('/') + 1)) || found.program;
  const taken = new Set([
    ...entries.map(({ name }) => name),
    ...(await adopted.list()).map(({ name }) => name),
    ...(await cache.list()).map(({ name }) => name.replace(/\.gguf$/i, '')),
  ]);
  return freeName(plain, (name) => taken.has(name) || shelf.isDescribed(name));
}
