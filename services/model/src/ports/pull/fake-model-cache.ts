import type { CachedFile, CacheRoom, ModelCache, WantedFile } from './model-cache.ts';

/** A cache in memory: what is kept is there. */
export class FakeModelCache implements ModelCache, CacheRoom {
  readonly folder = '/cache';
  readonly files = new Map<string, CachedFile>();
  /** Files somebody put there that nobody has verified. */
  readonly unverified = new Map<string, CachedFile>();
  readonly discarded: string[] = [];
  free = 1e12;

  find({ name, sha256 }: WantedFile): Promise<CachedFile | undefined> {
    const file = this.files.get(name) ?? this.unverified.get(name);
    if (file !== undefined) this.files.set(name, file);
    return Promise.resolve(sha256 === undefined || file?.sha256 === sha256 ? file : undefined);
  }

  keep(file: CachedFile): Promise<void> {
    this.files.set(file.name, file);
    return Promise.resolve();
  }

  remove(name: string): Promise<void> {
    this.files.delete(name);
    return Promise.resolve();
  }

  list(): Promise<CachedFile[]> {
    return Promise.resolve([...this.files.values()]);
  }

  freeBytes(): Promise<number> {
    return Promise.resolve(this.free);
  }

  discardPart(name: string): Promise<void> {
    this.discarded.push(name);
    return Promise.resolve();
  }

  alone<T>(_name: string, _signal: AbortSignal, _onWait: () => void, work: () => Promise<T>): Promise<T> {
    return work();
  }
}
