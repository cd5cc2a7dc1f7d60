import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** What was said a day ago is gone from the disk, whoever may still want it. */
export const keptLifetimeMs = 24 * 60 * 60 * 1000;
/** Their beginnings are read when a model is loaded: that takes 0.1 to 0.3 ms each. */
const mostFiles = 1000;
const ending = '.kept';
const unfinished = '.part';
/** A file that is being written grows; one that has not for so long was left by a process that has died. */
const abandonedMs = 60 * 60 * 1000;

/** A file of the folder. */
export interface KeptEntry {
  readonly path: string;
  /** Of its file, without the ending. */
  readonly name: string;
  readonly bytes: number;
  readonly writtenAt: number;
  readonly usedAt: number;
}

/**
 * The folder of kept sequences: a folder per model, a file per sequence, `<whose>-<what>.kept`. Several processes may
 * share it. A file's time of change is when it was written, its time of access when it was last used.
 */
export class KeptFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The folder of one model; it is made for its owner alone. */
  async open(model: string): Promise<string> {
    const path = join(this.path, model);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  file(model: string, name: string): string {
    return join(this.path, model, `${name}${ending}`);
  }

  /** Where a file is written before it has its name. */
  partOf(path: string): string {
    return `${path}.${process.pid}${unfinished}`;
  }

  async entriesOf(model: string): Promise<KeptEntry[]> {
    const names = await readdir(join(this.path, model)).catch(() => []);
    const found = await Promise.all(names.filter(isKept).map((name) => this.#entry(model, name)));
    return found.filter((entry) => entry !== undefined);
  }

  /** Removes the least recently used files until `bytes` more stay within `maxBytes`. @returns whether they do */
  async makeRoom(bytes: number, maxBytes: number): Promise<boolean> {
    if (bytes > maxBytes) return false;
    const entries = (await this.#all()).toSorted((a, b) => a.usedAt - b.usedAt);
    let taken = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    let count = entries.length;
    for (const entry of entries) {
      if (taken + bytes <= maxBytes && count < mostFiles) break;
      await this.remove(entry.path);
      taken -= entry.bytes;
      count--;
    }
    return true;
  }

  /** Removes what is over age, and what was never finished. */
  async expire(now: number, lifetimeMs = keptLifetimeMs): Promise<void> {
    for (const { path, writtenAt } of await this.#all()) {
      if (writtenAt + lifetimeMs <= now) await this.remove(path);
    }
    for (const model of await this.#models()) {
      const names = await readdir(join(this.path, model)).catch(() => []);
      for (const name of names.filter((each) => each.endsWith(unfinished))) {
        const path = join(this.path, model, name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
        if (mtimeMs + abandonedMs <= now) await this.remove(path);
      }
    }
  }

  /** Removes every file of one of these owners. */
  async forget(scopeTags: readonly string[]): Promise<void> {
    for (const { path, name } of await this.#all()) {
      if (scopeTags.some((tag) => name.startsWith(`${tag}-`))) await this.remove(path);
    }
  }

  /** Says that a file is of use. */
  async touch({ path, writtenAt }: Pick<KeptEntry, 'path' | 'writtenAt'>, now: number): Promise<void> {
    await utimes(path, now / 1000, writtenAt / 1000).catch(() => undefined);
  }

  /** Another process may have been faster. */
  async remove(path: string): Promise<void> {
    await rm(path, { force: true }).catch(() => undefined);
  }

  async #all(): Promise<KeptEntry[]> {
    const models = await this.#models();
    return (await Promise.all(models.map((model) => this.entriesOf(model)))).flat();
  }

  async #models(): Promise<string[]> {
    const found = await readdir(this.path, { withFileTypes: true }).catch(() => []);
    return found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  }

  async #entry(model: string, file: string): Promise<KeptEntry | undefined> {
    const path = join(this.path, model, file);
    try {
      const { size, mtimeMs, atimeMs } = await stat(path);
      return { path, name: file.slice(0, -ending.length), bytes: size, writtenAt: mtimeMs, usedAt: atimeMs };
    } catch {
      return undefined;
    }
  }
}

function isKept(name: string): boolean {
  return name.endsWith(ending);
}
