import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WeightGroup } from './weight-groups.ts';
import { parsePartName } from './part-name.ts';

/**
 * What lists of digests beside the files say of them, as `sha256sum` writes them: `FILE.gguf.sha256` (of a split
 * file: `BASE.gguf.sha256`) and `SHA256SUMS`. No list is no fault.
 * @returns digests by the paths of the files
 */
export async function digestSums(folder: string, group: WeightGroup): Promise<Map<string, string>> {
  const base = parsePartName(group.first)?.base;
  const lists = [`${base === undefined ? group.first : `${base}.gguf`}.sha256`, 'SHA256SUMS'];
  const texts = await Promise.all(lists.map((list) => readFile(join(folder, list), 'utf8').catch(() => '')));
  const sums = new Map<string, string>();
  for (const line of texts.join('\n').split('\n')) {
    const [, digest, name = ''] = /^([0-9a-f]{64}) [ *](.+?)\s*$/i.exec(line) ?? [];
    if (digest !== undefined && group.names.includes(name))
      sums.set(join(folder, name), digest.toLowerCase());
  }
  return sums;
}
