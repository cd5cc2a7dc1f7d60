import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { splitPart } from '../../../domain/sources/split-parts.ts';

/** Files beside the weights that have the same ending. */
const companions = /(^|\/)(mmproj|imatrix)[^/]*$/i;

/** Models in a folder of another program. */
export interface FoundModel {
  /** Relative to the folder, with `/`; of a split model that of its first part. */
  readonly name: string;
  /** Absolute; all parts in order. */
  readonly paths: readonly string[];
  readonly bytes: number;
  /** Why it cannot be used; '' = it can. */
  readonly problem: string;
}

/** The GGUF models in a folder and those below it, links followed; none when the folder cannot be read. */
export async function ggufModels(folder: string): Promise<FoundModel[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const groups = new Map<string, string[]>();
  for (const name of names.map((it) => it.replaceAll('\\', '/')).toSorted()) {
    if (!/\.gguf$/i.test(name) || companions.test(name)) continue;
    const part = splitPart(name);
    const key = part === undefined ? name : `${part.stem}/${part.count}`;
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  const models: FoundModel[] = [];
  for (const group of groups.values()) models.push(await foundModel(folder, group));
  return models;
}

/** Why a file cannot be a model here; '' = it may be one. */
export async function fileProblem(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return bytesRead === 4 && buffer.toString('latin1') === 'GGUF' ? '' : 'its file is no GGUF.';
    } finally {
      await file.close();
    }
  } catch {
    return 'its file is missing, or may not be read.';
  }
}

/** The sha256 that a content-addressed file is named after; undefined where the name is no digest. */
export async function digestInName(path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => path);
  return /(?:^|\/|sha256-)([0-9a-f]{64})$/.exec(real.replaceAll('\\', '/'))?.[1];
}

async function foundModel(folder: string, names: readonly string[]): Promise<FoundModel> {
  const paths = names.map((name) => join(folder, name));
  const [name = ''] = names;
  let bytes = 0;
  for (const path of paths) bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
  const count = splitPart(name)?.count ?? 1;
  const missing = count - names.length;
  const problem = missing > 0 ? `${missing} of its ${count} parts are missing.` : await firstProblem(paths);
  return { name, paths, bytes, problem };
}

async function firstProblem(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const problem = await fileProblem(path);
    if (problem !== '') return problem;
  }
  return '';
}
