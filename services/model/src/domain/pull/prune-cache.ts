import type { Clock } from '@parley/kernel';
import { CacheFault } from '../../ports/pull/model-cache.ts';
import type { CacheRoom, ListedFile, ModelCache } from '../../ports/pull/model-cache.ts';
import type { ModelShelf } from '../../ports/pull/model-shelf.ts';
import type { CatalogEntry } from '../catalog/catalog-entry.ts';
import { partName, splitPart } from '../sources/split-parts.ts';
import { byteText } from './byte-text.ts';
import { modelNameOf } from './model-names.ts';

/** What other processes that share the cache have loaded is told by them once a minute: it stays this long. */
const leastUnusedMs = 300_000;
const stalePartMs = 7 * 24 * 3_600_000;

/** The files of one model in the cache. */
export interface CachedModel {
  /** Of the model. */
  readonly name: string;
  readonly files: readonly string[];
  readonly bytes: number;
  /** Unix time. */
  readonly usedAtMs: number;
  /** Why it cannot be removed, for people; '' = it can. */
  readonly needed: string;
}

/** What was removed from the cache, or would be. */
export interface PruneReport {
  /** The least recently used first. */
  readonly removed: readonly CachedModel[];
  readonly kept: readonly CachedModel[];
  /** The bound; 0 = none. */
  readonly maxBytes: number;
}

/** What keeping the cache within its bound needs. */
export interface PruneParts {
  readonly entries: readonly CatalogEntry[];
  readonly cache: ModelCache;
  readonly room: CacheRoom;
  readonly shelf: ModelShelf;
  /** Unix time. */
  readonly clock: Clock;
  /** 0 = no bound. */
  readonly maxBytes: number;
}

/** Keeps the cache within its bound: the least recently used model goes first, one that somebody needs never. */
export class PruneCache {
  readonly #parts: PruneParts;

  constructor(parts: PruneParts) {
    this.#parts = parts;
  }

  /**
   * Removes models until the cache has no more than the bound.
   * @param maxBytes in place of the configured bound
   * @param dryRun only tells what would be removed
   */
  async prune({ maxBytes = this.#parts.maxBytes, dryRun = false } = {}): Promise<PruneReport> {
    if (!dryRun && maxBytes > 0) await this.#parts.room.discardStaleParts(stalePartMs);
    return this.#prune(maxBytes, maxBytes, dryRun);
  }

  /**
   * Removes models until so many bytes more have room within the bound.
   * @param name of the model that is to come
   * @throws CacheFault with the numbers when the others are needed.
   */
  async makeRoom(name: string, bytes: number): Promise<void> {
    const { maxBytes } = this.#parts;
    if (maxBytes === 0 || bytes === 0) return;
    const { kept } = await this.#prune(maxBytes, maxBytes - bytes, false, name);
    if (bytesOf(kept) + bytes > maxBytes) throw this.#tooMuch(name, bytes, kept);
  }

  /**
   * Brings the cache within its bound after files have come; when the others are needed, these are removed again.
   * @throws CacheFault with the numbers.
   */
  async settle(name: string, files: readonly string[]): Promise<void> {
    const { maxBytes, cache } = this.#parts;
    if (maxBytes === 0) return;
    const { kept } = await this.#prune(maxBytes, maxBytes, false, name);
    if (bytesOf(kept) <= maxBytes) return;
    for (const file of files) await cache.remove(file);
    const others = kept.filter((model) => model.name !== name);
    throw this.#tooMuch(name, bytesOf(kept) - bytesOf(others), others);
  }

  #tooMuch(name: string, bytes: number, others: readonly CachedModel[]): CacheFault {
    const { maxBytes, cache } = this.#parts;
    const why = others.map((model) => `${model.name}, ${model.needed || 'in use'}`).join('; ') || 'none';
    return new CacheFault(
      `The model cache ${cache.folder} may hold ${byteText(maxBytes)} (PARLEY_MODEL_CACHE_MAX_BYTES); ${name} needs ` +
        `${byteText(bytes)}, and ${byteText(bytesOf(others))} are needed by others: ${why}.`,
    );
  }

  async #prune(maxBytes: number, goal: number, dryRun: boolean, coming = ''): Promise<PruneReport> {
    const models = (await this.#models()).toSorted((a, b) => a.usedAtMs - b.usedAtMs);
    const removed: CachedModel[] = [];
    const kept: CachedModel[] = [];
    let bytes = bytesOf(models);
    for (const model of models) {
      const isOver = maxBytes > 0 && bytes > goal;
      const goes = isOver && model.needed === '' && model.name !== coming;
      if (goes && (dryRun || (await this.#remove(model)))) {
        removed.push(model);
        bytes -= model.bytes;
      } else kept.push(model);
    }
    return { removed, kept, maxBytes };
  }

  /** False when a process fetches one of its files now. */
  async #remove({ name, files }: CachedModel): Promise<boolean> {
    const { cache, shelf } = this.#parts;
    return this.#unlessFetched(this.#allFiles(name, files), async () => {
      shelf.forget(name);
      for (const file of files) await cache.remove(file);
    });
  }

  async #unlessFetched([first, ...others]: readonly string[], work: () => Promise<void>): Promise<boolean> {
    if (first === undefined) {
      await work();
      return true;
    }
    let done = false;
    await this.#parts.room.unlessFetched(first, async () => {
      done = await this.#unlessFetched(others, work);
    });
    return done;
  }

  /** Also those that have not come yet. */
  #allFiles(name: string, files: readonly string[]): readonly string[] {
    const entry = this.#parts.entries.find((listed) => listed.name === name);
    if (entry !== undefined) return entry.files.map((file) => file.name);
    const part = splitPart(files[0] ?? '');
    if (part === undefined) return files;
    const { stem, count } = part;
    return Array.from({ length: count }, (_, at) => partName(stem, at + 1, count));
  }

  async #models(): Promise<CachedModel[]> {
    const files = await this.#parts.cache.list();
    const owners = new Map(
      this.#parts.entries.flatMap(({ name, files: own }) => own.map((file) => [file.name, name] as const)),
    );
    const groups = new Map<string, ListedFile[]>();
    for (const file of files) {
      const name = owners.get(file.name) ?? modelNameOf(file.name);
      groups.set(name, [...(groups.get(name) ?? []), file]);
    }
    return [...groups].map(([name, group]) => this.#model(name, group));
  }

  #model(name: string, files: readonly ListedFile[]): CachedModel {
    const usedAtMs = Math.max(...files.map((file) => file.usedAtMs));
    const bytes = bytesOf(files);
    return {
      name,
      files: files.map((file) => file.name),
      bytes,
      usedAtMs,
      needed: this.#whyNeeded(files, usedAtMs),
    };
  }

  #whyNeeded(files: readonly ListedFile[], usedAtMs: number): string {
    const { shelf, cache, clock } = this.#parts;
    for (const file of files) {
      const why = shelf.whyNeeded(`${cache.folder}/${file.name}`);
      if (why !== '') return why;
    }
    if (files.some(({ source }) => source === '')) return 'somebody put it there by hand';
    return clock.now() - usedAtMs < leastUnusedMs ? 'it was in use a moment ago' : '';
  }
}

function bytesOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
