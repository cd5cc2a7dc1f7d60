import { constants } from 'node:fs';
import { access, mkdir, open, rm, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { newUuid } from '@parley/kernel';
import { join } from 'node:path';

/** Memory that looks like a folder, on Linux. */
const memoryFolder = '/dev/shm';
const spareShare = 1.5;

/**
 * A file for what llama.cpp writes and reads in the clear. It lies in memory where there is room for it, is its owner's
 * alone, and on Linux has no name: nothing of it is left when the process dies.
 */
export class PlainFile implements AsyncDisposable {
  /** By which native code finds it. */
  readonly path: string;
  readonly handle: FileHandle;
  readonly #named: boolean;

  private constructor(path: string, handle: FileHandle, named: boolean) {
    this.path = path;
    this.handle = handle;
    this.#named = named;
  }

  /**
   * @param fallback a folder on disk, for a system without folders in memory, or with a small one
   * @param bytes that it will hold, about
   */
  static async open(fallback: string, bytes: number): Promise<PlainFile> {
    const folder = (await hasRoom(memoryFolder, bytes * spareShare)) ? memoryFolder : fallback;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `.parley-${newUuid()}.part`);
    const handle = await open(path, 'wx+', 0o600);
    if (process.platform !== 'linux') return new PlainFile(path, handle, true);
    await rm(path);
    return new PlainFile(`/proc/self/fd/${handle.fd}`, handle, false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
    if (this.#named) await rm(this.path, { force: true });
  }
}

async function hasRoom(folder: string, bytes: number): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize >= bytes;
  } catch {
    return false;
  }
}
