import { basename, dirname, join } from 'node:path';

/** What the name of a part of a split file says: `llama-00002-of-00004.gguf`. */
export interface PartName {
  /** `llama` */
  readonly base: string;
  /** From 1. */
  readonly part: number;
  readonly parts: number;
}

/** undefined for a name that is no part's. */
export function parsePartName(name: string): PartName | undefined {
  const [, base, part = '', parts = ''] = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/i.exec(name) ?? [];
  return base === undefined ? undefined : { base, part: Number(part), parts: Number(parts) };
}

/** The paths of all parts of the file that `path` is one of; itself alone where it is not split. */
export function partsOf(path: string): string[] {
  const name = parsePartName(basename(path));
  if (name === undefined) return [path];
  return Array.from({ length: name.parts }, (_, at) =>
    join(dirname(path), partName(name.base, at + 1, name.parts)),
  );
}

/** The name of one part, as llama.cpp wants it. @param part from 1 */
export function partName(base: string, part: number, parts: number): string {
  const five = (number: number): string => String(number).padStart(5, '0');
  return `${base}-${five(part)}-of-${five(parts)}.gguf`;
}
