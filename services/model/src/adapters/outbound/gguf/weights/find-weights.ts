import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import type { WantedWeights, WeightFiles, WeightPrecision } from '../../../../ports/model-files.ts';
import { digestSums } from './digest-sums.ts';
import { foreignWeights } from './foreign-weights.ts';
import { precisionInName, quantizationFor } from './precision.ts';
import { groupOf, requireWhole, weightGroups } from './weight-groups.ts';
import type { WeightGroup } from './weight-groups.ts';

/** Reads how files are written whose names do not tell: their precision by their path, where they have one. */
export type ReadPrecisions = (
  paths: readonly string[],
) => Promise<ReadonlyMap<string, WeightPrecision | undefined>>;

/**
 * The GGUF files that a document's path means: a file, all parts of a split one, or the one model of a folder that has
 * the precision asked for.
 * @throws ParleyError `config_invalid` that says what is missing, doubled or something else, and where.
 */
export async function findWeights(wanted: WantedWeights, read: ReadPrecisions): Promise<WeightFiles> {
  const isFolder = await lookAt(wanted);
  const folder = isFolder ? wanted.path : dirname(wanted.path);
  const names = await readdir(folder);
  const choice = isFolder
    ? await chosenGroup(wanted, names, read)
    : await theFile(wanted, new Set(names), read);
  const { group, unlike } = choice;
  requireWhole(group, wanted.model);
  requireShards(group, wanted);
  return {
    path: join(folder, group.first),
    parts: group.names.map((name) => join(folder, name)),
    sums: await digestSums(folder, group),
    ...(unlike === undefined ? {} : { unlike }),
  };
}

/** What is loaded, or what a file of the precision asked for can be made of. */
interface Choice {
  readonly group: WeightGroup;
  readonly unlike?: string;
}

async function theFile(
  { path, model, precision, places }: WantedWeights,
  names: ReadonlySet<string>,
  read: ReadPrecisions,
): Promise<Choice> {
  const group = groupOf(basename(path), names);
  if (precision === undefined) return { group };
  requireWhole(group, model);
  const [kind = 'not known'] = await precisionsOf([group], dirname(path), read);
  if (kind === precision) return { group };
  const found = kind === 'other' ? 'another one' : kind;
  const unlike =
    `${placed(places?.precision)}Model "${model}" is to have the precision ${precision}, but that of ${group.first} is ` +
    `${found}. ${quantizeHint(model, precision)}`;
  return { group, unlike };
}

/** Whether it is a folder. */
async function lookAt({ path }: WantedWeights): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    // Of a split file any part stands for all, and which ones are missing is told later.
    const part = groupOf(basename(path), new Set());
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'ENOENT' && part.split && (await isFolder(dirname(path)))) return false;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new ParleyError('config_invalid', `The weights file ${basename(path)} ${why}.`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function chosenGroup(
  wanted: WantedWeights,
  names: readonly string[],
  read: ReadPrecisions,
): Promise<Choice> {
  const groups = weightGroups(names);
  const [first] = groups;
  const folder = basename(wanted.path);
  if (first === undefined) {
    const what = await foreignWeights(wanted.path, names);
    throw new ParleyError(
      'config_invalid',
      `The folder ${folder} of model "${wanted.model}" has no weights: ${what}`,
    );
  }
  const { precision } = wanted;
  if (groups.length === 1 && precision === undefined) return { group: first };
  const kinds = precision === undefined ? [] : await precisionsOf(groups, wanted.path, read);
  const fitting = precision === undefined ? groups : groups.filter((_, at) => kinds[at] === precision);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return { group: only };
  if (only === undefined && precision !== undefined) {
    return { group: mostExact(groups, kinds) ?? first, unlike: noSuchPrecision(wanted, groups, precision) };
  }
  const message =
    `The folder ${folder} of model "${wanted.model}" holds several models` +
    `${precision === undefined ? '' : ` of ${precision}`}: ${namesOf(fitting)}. ` +
    `Name one as path${precision === undefined ? ', or say the precision' : ''}.`;
  throw new ParleyError('config_invalid', message);
}

/** How each of them is written, by its name or else by what is in it; undefined = neither tells. */
async function precisionsOf(
  groups: readonly WeightGroup[],
  folder: string,
  read: ReadPrecisions,
): Promise<(WeightPrecision | 'other' | undefined)[]> {
  const pathOf = ({ first }: WeightGroup): string => join(folder, first);
  const silent = groups.filter(({ first }) => precisionInName(first) === undefined);
  const told = silent.length === 0 ? new Map() : await read(silent.map(pathOf));
  return groups.map((group) => precisionInName(group.first) ?? told.get(pathOf(group)));
}

/** What others are made of with the least loss. */
function mostExact(
  groups: readonly WeightGroup[],
  kinds: readonly (WeightPrecision | 'other' | undefined)[],
): WeightGroup | undefined {
  for (const kind of ['fp32', 'bf16', 'fp16'] as const) {
    const at = kinds.indexOf(kind);
    if (at >= 0) return groups[at];
  }
  return undefined;
}

function noSuchPrecision(
  wanted: WantedWeights,
  groups: readonly WeightGroup[],
  precision: WeightPrecision,
): string {
  const { model, places } = wanted;
  return (
    `${placed(places?.precision)}The folder ${basename(wanted.path)} of model "${model}" has no file of precision ` +
    `${precision}; there are: ${namesOf(groups)}. ${quantizeHint(model, precision)}`
  );
}

/** How a file of another precision comes about. */
function quantizeHint(model: string, precision: WeightPrecision): string {
  if (precision === 'fp32')
    return 'A file of fp32 must come from where the model comes from: nothing here makes one.';
  return `Make one with: parley models quantize ${model} --to ${quantizationFor(precision)}`;
}

function requireShards(group: WeightGroup, { model, shards, places }: WantedWeights): void {
  if (shards === undefined || shards === group.names.length) return;
  const where = placed(places?.shards);
  if (group.names.length === 1) {
    const message =
      `${where}Model "${model}" is to have ${shards} shards, but ${group.first} is one file. Split it with: ` +
      `parley models split ${group.first} --parts ${shards} (or leave shards out: one file works as well)`;
    throw new ParleyError('config_invalid', message);
  }
  const message = `${where}Model "${model}" is to have ${shards} shards, but ${group.names.length} are there: ${namesOf([group])}.`;
  throw new ParleyError('config_invalid', message);
}

function placed(place: string | undefined): string {
  return place === undefined ? '' : `${place}: `;
}

function namesOf(groups: readonly WeightGroup[]): string {
  return groups
    .map(({ first, names }) => (names.length > 1 ? `${first} (${names.length} parts)` : first))
    .join(', ');
}
