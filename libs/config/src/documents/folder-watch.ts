import { realpathSync, statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';

interface Watched {
  /** Which folder the path led to when the watch began. */
  readonly identity: string;
  readonly watcher: FSWatcher;
}

/**
 * Tells, soon and without promise, that something in some folders may have changed. A path may lead through symbolic
 * links that are moved, as those of a mounted ConfigMap are: `refresh` follows them.
 */
export class FolderWatch implements Disposable {
  readonly #paths: readonly string[];
  readonly #onChange: () => void;
  readonly #watched = new Map<string, Watched>();

  constructor(paths: readonly string[], onChange: () => void) {
    this.#paths = paths;
    this.#onChange = onChange;
  }

  /** Watches what has appeared, and what a path leads to now; lets go what has gone. */
  refresh(): void {
    for (const path of this.#paths) {
      const identity = identityOf(path);
      const watched = this.#watched.get(path);
      if (watched?.identity === identity) continue;
      this.#unwatch(path);
      if (identity !== undefined) this.#watch(path, identity);
    }
  }

  [Symbol.dispose](): void {
    for (const path of this.#paths) this.#unwatch(path);
  }

  #watch(path: string, identity: string): void {
    try {
      const watcher = watch(path, { persistent: false }, this.#onChange);
      // A folder that cannot be watched (gone, or no watches left on this machine) is still polled.
      watcher.on('error', () => this.#unwatch(path));
      this.#watched.set(path, { identity, watcher });
    } catch {
      this.#unwatch(path);
    }
  }

  #unwatch(path: string): void {
    this.#watched.get(path)?.watcher.close();
    this.#watched.delete(path);
  }
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino, birthtimeMs } = statSync(path);
    return [realpathSync(path), dev, ino, birthtimeMs].join(' ');
  } catch {
    return undefined;
  }
}
