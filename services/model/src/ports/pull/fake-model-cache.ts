import type { CachedFile, CacheRoom, ListedFile, ModelCache, WantedFile } from './model-cache.ts';

/** A cache in memory: what is kept is there. */
export class FakeModelCache implements ModelCache, CacheRoom {
  readonly folder = '/cache';
  readonly files = new Map<string, CachedFile>();
  /** Files somebody put there that nobody has verified. */
  readonly unverified = new Map<string, CachedFile>();
  readonly discarded: string[] = [];
  free = 1e12;
  nowMs = 0;
  readonly usedAtMs = new Map<string, number>();
  /** Files that another process fetches. */
  readonly fetched = new Set<string>();

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

  list(): Promise<ListedFile[]> {
    const usedAtMs = (name: string): number => this.usedAtMs.get(name) ?? 0;
    return Promise.resolve(
      [...this.files.values()].map((file) => ({ ...file, usedAtMs: usedAtMs(file.name) })),
    );
  }

  describe(file: CachedFile): Promise<void> {
    return this.keep(file);
  }

  touch(name: string): Promise<void> {
    this.usedAtMs.set(name, this.nowMs);
    return Promise.resolve();
  }

  async unlessFetched(name: string, work: () => Promise<void>): Promise<boolean> {
    if (this.fetched.has(name)) return false;
    await work();
    return true;
  }

  discardStaleParts(): Promise<number> {
    return Promise.resolve(0);
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
