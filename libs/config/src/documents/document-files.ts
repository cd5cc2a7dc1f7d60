import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DocumentFault } from '../document-error.ts';

/** What is read at most; more is a fault, never a slow service. */
export const documentLimits = {
  /** Of one file. */
  fileBytes: 1024 ** 2,
  /** In all folders together. */
  files: 1000,
  /** Told at once. */
  faults: 500,
} as const;

/** One file as it lay there. */
export interface FileText {
  /** Relative to the configuration folder, with `/`. */
  readonly file: string;
  readonly content: { readonly text: string } | { readonly fault: string };
  /** Tells one content from another. */
  readonly digest: string;
}

/** The files of the document folders at one moment. */
export interface FolderTexts {
  /** In the order of their names. */
  readonly files: readonly FileText[];
  /** Folders that could not be looked at; nothing is known of their files. */
  readonly unreadable: readonly DocumentFault[];
  /** Tells one state of the folders from another. */
  readonly digest: string;
}

/** Reads the YAML files right in the given folders. Never throws: what cannot be read is part of the result. */
export async function readFolders(configDir: string, folders: readonly string[]): Promise<FolderTexts> {
  const missing = await folderFault(configDir);
  if (missing !== undefined) return textsOf([], [{ file: '.', line: 1, path: '', message: missing }]);
  const listings = await Promise.all(
    [...new Set(folders)].toSorted().map((folder) => list(configDir, folder)),
  );
  const names = listings.flatMap(({ files }) => files).toSorted();
  const read: FileText[] = [];
  for (const file of names.slice(0, documentLimits.files)) read.push(await readText(configDir, file));
  const surplus = names
    .slice(documentLimits.files)
    .map((file) =>
      faulty(file, `is not read: there are more than ${documentLimits.files} files of documents`),
    );
  return textsOf(
    [...read, ...surplus],
    listings.flatMap(({ fault }) => fault ?? []),
  );
}

function textsOf(files: readonly FileText[], unreadable: readonly DocumentFault[]): FolderTexts {
  const state = [
    ...files.map(({ file, digest }) => [file, digest]),
    ...unreadable.map(({ file, message }) => [file, message]),
  ];
  return { files, unreadable, digest: sha256(JSON.stringify(state)) };
}

async function folderFault(configDir: string): Promise<string | undefined> {
  try {
    return (await stat(configDir)).isDirectory() ? undefined : `${configDir} is not a folder`;
  } catch (error) {
    return `${configDir} cannot be read (${codeOf(error)}); expected the folder of the configuration documents`;
  }
}

async function list(configDir: string, folder: string): Promise<{ files: string[]; fault?: DocumentFault }> {
  try {
    const names = await readdir(join(configDir, folder));
    // Names with a leading dot are a mount's own (`..data` of a ConfigMap) or an editor's.
    return { files: names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).map((name) => `${folder}/${name}`) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { files: [] };
    return {
      files: [],
      fault: { file: folder, line: 1, path: '', message: `cannot be read (${codeOf(error)})` },
    };
  }
}

async function readText(configDir: string, file: string): Promise<FileText> {
  try {
    const path = join(configDir, file);
    const found = await stat(path);
    if (!found.isFile()) return faulty(file, 'is not a file');
    if (found.size > documentLimits.fileBytes) {
      return faulty(
        file,
        `is larger than ${documentLimits.fileBytes / 1024 ** 2} MiB; part it into several files`,
      );
    }
    const bytes = await readFile(path);
    return { file, content: { text: bytes.toString('utf8') }, digest: sha256(bytes) };
  } catch (error) {
    return faulty(file, `cannot be read (${codeOf(error)})`);
  }
}

function faulty(file: string, fault: string): FileText {
  return { file, content: { fault }, digest: fault };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** Lower-case hex. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
