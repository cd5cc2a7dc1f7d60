import { mkdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError, sleep } from '@parley/kernel';
import { lockByFile } from '@parley/sqlite';
import type { FileLock } from '@parley/sqlite';
import type { CacheRoom } from '../../../ports/pull/model-cache.ts';
import { cacheFault, cacheFiles } from './cache-files.ts';

const lockRetryMs = 500;

/** Room and turns in the folder of pulled models. Turns are kept by locks that go with their process. */
export class FileCacheRoom implements CacheRoom {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async freeBytes(names: readonly string[]): Promise<number> {
    try {
      await mkdir(this.#folder, { recursive: true });
      const { bavail, bsize } = await statfs(this.#folder);
      let free = bavail * bsize;
      for (const name of names) {
        const part = await stat(cacheFiles.part(join(this.#folder, name))).catch(() => undefined);
        free += part?.size ?? 0;
      }
      return free;
    } catch (error) {
      throw cacheFault(this.#folder, error);
    }
  }

  async discardPart(name: string): Promise<void> {
    const path = join(this.#folder, name);
    await rm(cacheFiles.partState(path), { force: true });
    await rm(cacheFiles.part(path), { force: true });
  }

  async alone<T>(name: string, signal: AbortSignal, onWait: () => void, work: () => Promise<T>): Promise<T> {
    const lock = await this.#lock(name, signal, onWait);
    try {
      return await work();
    } finally {
      lock.release();
    }
  }

  async #lock(name: string, signal: AbortSignal, onWait: () => void): Promise<FileLock> {
    const file = join(this.#folder, '.locks', name.replaceAll('/', '_'));
    for (let tries = 0; ; tries++) {
      try {
        return lockByFile(file, `Another process fetches ${name}.`);
      } catch (error) {
        if (!(error instanceof ParleyError)) throw cacheFault(this.#folder, error);
      }
      if (tries === 0) onWait();
      await sleep(lockRetryMs, signal);
    }
  }
}
