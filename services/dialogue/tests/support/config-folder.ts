import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';

/** An assistant's document. */
export function assistantText(name: string, spec: string, version = '1.0.0'): string {
  return `apiVersion: parley/v1
kind: Assistant
metadata:
  name: ${name}
  version: ${version}
  title: { en: The ${name} }
spec: ${spec}
`;
}

/** A folder of configuration documents in the hands of a test. */
export class ConfigFolder implements AsyncDisposable {
  readonly path: string;
  readonly #folder: TemporaryFolder;

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder;
    this.path = folder.path;
  }

  static async with(files: Readonly<Record<string, string>>): Promise<ConfigFolder> {
    const made = new ConfigFolder(await temporaryFolder());
    for (const [file, text] of Object.entries(files)) await made.write(file, text);
    return made;
  }

  async write(file: string, text: string): Promise<void> {
    const path = join(this.path, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  async remove(file: string): Promise<void> {
    await rm(join(this.path, file));
  }

  /** Mounts files into a folder as Kubernetes mounts a ConfigMap: all of them change with one symbolic link. */
  async mount(folder: string, revision: string, files: Readonly<Record<string, string>>): Promise<void> {
    const at = join(this.path, folder);
    for (const [file, text] of Object.entries(files))
      await this.write(join(folder, `..${revision}`, file), text);
    await symlink(`..${revision}`, join(at, '..data_tmp'));
    await rename(join(at, '..data_tmp'), join(at, '..data'));
    for (const file of Object.keys(files)) {
      await symlink(join('..data', file), join(at, file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
