import { splitPart } from '../sources/split-parts.ts';

/** What a file is called as a model that no catalogue describes. */
export function modelNameOf(file: string): string {
  return splitPart(file)?.stem ?? file.replace(/\.gguf$/i, '');
}

/** The name, or the first of `name-2`, `name-3`, … that is free. */
export function freeName(plain: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain.slice(0, 58)}-${number}`;
    if (!isTaken(name)) return name;
  }
}
