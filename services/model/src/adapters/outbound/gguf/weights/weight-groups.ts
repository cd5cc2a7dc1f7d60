import { ParleyError } from '@parley/kernel';
import { parsePartName, partName } from './part-name.ts';

/** The files of one model in a folder. */
export interface WeightGroup {
  /** The name of the file, or of the first part. */
  readonly first: string;
  /** All names that there must be, in order. */
  readonly names: readonly string[];
  /** Those of them that are not there. */
  readonly missing: readonly string[];
  /** Whether it is split, if only into one part. */
  readonly split: boolean;
}

/** Projectors of images lie beside their models and are none themselves. */
const besideModels = /^mmproj[-.]/i;

/** The models whose GGUF files lie in a folder, by the names of all that lies there. */
export function weightGroups(names: readonly string[]): WeightGroup[] {
  const here = new Set(names);
  const groups = new Map<string, WeightGroup>();
  for (const name of names.toSorted()) {
    if (!/\.gguf$/i.test(name) || name.startsWith('.') || besideModels.test(name)) continue;
    const group = groupOf(name, here);
    groups.set(group.first, group);
  }
  return [...groups.values()];
}

/** The group that a file belongs to. @param here the names of all that lies in its folder */
export function groupOf(name: string, here: ReadonlySet<string>): WeightGroup {
  const part = parsePartName(name);
  if (part === undefined) return { first: name, names: [name], missing: [], split: false };
  const names = Array.from({ length: part.parts }, (_, at) => partName(part.base, at + 1, part.parts));
  const missing = names.filter((each) => !here.has(each));
  return { first: names[0] ?? name, names, missing, split: true };
}

/** @throws ParleyError `config_invalid` that names what is missing. */
export function requireWhole({ names, missing }: WeightGroup, model: string): void {
  if (missing.length === 0) return;
  const shown = missing.slice(0, 8).join(', ');
  const more = missing.length > 8 ? ` and ${missing.length - 8} more` : '';
  const message = `The weights of model "${model}" are split into ${names.length} parts; missing: ${shown}${more}.`;
  throw new ParleyError('config_invalid', message);
}
