import type { FileSource } from './file-source.ts';

/** A file that is one part of several. */
export interface SplitPart {
  /** Its name without number and ending. */
  readonly stem: string;
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

const form = /^(.+)-(\d{5})-of-(\d{5})(\.gguf)$/i;

/** Which part of a split GGUF a file of that name is; undefined when it is whole. */
export function splitPart(name: string): SplitPart | undefined {
  const [, stem = '', index, count] = form.exec(name) ?? [];
  if (index === undefined || count === undefined) return undefined;
  const part = { stem, index: Number(index), count: Number(count) };
  return part.index >= 1 && part.index <= part.count ? part : undefined;
}

/** As llama.cpp names part `index` of `count`. */
export function partName(stem: string, index: number, count: number): string {
  const digits = (number: number): string => String(number).padStart(5, '0');
  return `${stem}-${digits(index)}-of-${digits(count)}.gguf`;
}

/** The sources of all parts of the file that `source` names, in order; the source itself when it is whole. */
export function partSources(source: FileSource): FileSource[] {
  const path = pathOf(source);
  const part = splitPart(path);
  if (part === undefined) return [source];
  return Array.from({ length: part.count }, (_, at) => {
    const name = partName(part.stem, at + 1, part.count);
    const ending = { from: lastPart(path), to: lastPart(name) };
    return withEnding(source, ending);
  });
}

function pathOf(source: FileSource): string {
  switch (source.kind) {
    case 'hf':
      return source.file;
    case 'web':
    case 'file':
      return new URL(source.url).pathname;
    case 'pypi':
      return source.members.at(-1) ?? '';
  }
}

/** The same source with another name of its file; only the path's last part is replaced. */
function withEnding(source: FileSource, ending: { from: string; to: string }): FileSource {
  const replaced = (text: string): string => {
    const at = text.lastIndexOf(ending.from);
    return text.slice(0, at) + ending.to + text.slice(at + ending.from.length);
  };
  switch (source.kind) {
    case 'hf':
      return { ...source, text: replaced(source.text), file: replaced(source.file) };
    case 'web':
    case 'file': {
      const url = new URL(source.url);
      url.pathname = replaced(url.pathname);
      return { ...source, text: replaced(source.text), url: url.href };
    }
    case 'pypi': {
      const members = [...source.members.slice(0, -1), replaced(source.members.at(-1) ?? '')];
      return { ...source, text: replaced(source.text), members };
    }
  }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
