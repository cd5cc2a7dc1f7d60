import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
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

  async unlessFetched(name: string, work: () => Promise<void>): Promise<boolean> {
    const lock = this.#tryLock(name);
    if (lock === undefined) return false;
    try {
      await work();
      return true;
    } finally {
      lock.release();
    }
  }

  async discardStaleParts(olderThanMs: number): Promise<number> {
    const ending = cacheFiles.part('');
    const names = await readdir(this.#folder, { recursive: true }).catch(() => []);
    let freed = 0;
    for (const partName of names.filter((name) => name.endsWith(ending))) {
      const part = await stat(join(this.#folder, partName)).catch(() => undefined);
      if (part === undefined || Date.now() - part.mtimeMs < olderThanMs) continue;
      const name = partName.slice(0, -ending.length);
      if (await this.unlessFetched(name, () => this.discardPart(name))) freed += part.size;
    }
    return freed;
  }

  async #lock(name: string, signal: AbortSignal, onWait: () => void): Promise<FileLock> {
    for (let tries = 0; ; tries++) {
      const lock = this.#tryLock(name);
      if (lock !== undefined) return lock;
      if (tries === 0) onWait();
      await sleep(lockRetryMs, signal);
    }
  }

  /** Undefined while another process has it. @throws CacheFault */
  #tryLock(name: string): FileLock | undefined {
    const file = join(this.#folder, '.locks', name.replaceAll('/', '_'));
    try {
      return lockByFile(file, `Another process fetches ${name}.`);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw cacheFault(this.#folder, error);
      return undefined;
    }
  }
}
