import type { CachedFile, ListedFile } from '../../ports/pull/model-cache.ts';
import { definitionOf } from '../catalog/catalog-entry.ts';
import type { CatalogEntry } from '../catalog/catalog-entry.ts';
import { entryOfCached, withFacts } from '../catalog/entry-of-source.ts';
import { isSource } from '../sources/file-source.ts';
import { splitPart } from '../sources/split-parts.ts';
import { adoptedDefinition } from './adopt-model.ts';
import { wasMadeHere } from './made-files.ts';
import { modelNameOf } from './model-names.ts';
import type { ModelPullsParts } from './model-pulls-parts.ts';

/** How often it is written down that a model is in use. */
const touchEveryMs = 60_000;

/** Puts models on the shelf whose files are here: what was pulled earlier, by others, or is kept by another program. */
export class PulledModels {
  readonly #parts: ModelPullsParts;
  /** Models that are on the shelf by our hand, and their files in the cache. */
  readonly #shelved = new Map<string, readonly string[]>();
  /** Models of which it was told why they are not on the shelf. */
  readonly #refused = new Set<string>();
  #touchedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ModelPullsParts) {
    this.#parts = parts;
  }

  /** Puts models on the shelf that were kept earlier; quick, because no file is read. Never rejects. */
  async restore(): Promise<void> {
    try {
      const files = await this.#parts.cache.list();
      const kept = new Map(files.map((file) => [file.name, file]));
      for (const entry of this.#parts.entries) {
        const own = entry.files.map(({ name, sha256 }) => {
          const file = kept.get(name);
          return file?.sha256 === sha256 ? file : undefined;
        });
        if (own.every((file) => file !== undefined)) this.registerQuietly(entry, own);
      }
      for (const { entry, own } of this.#unlisted(files))
        if (own[0]?.contextTokens !== undefined) this.registerQuietly(entry, own);
      await this.#adopted();
    } catch (error) {
      this.#parts.events.notRegistered('', error);
    }
  }

  /** Finds models that another process pulled since, or somebody put into the cache; forgets what is gone. Never rejects. */
  async refresh(signal: AbortSignal): Promise<void> {
    await this.restore();
    for (const entry of this.#parts.entries) {
      await this.#quietly(entry.name, signal, async () => {
        const files = await this.filesOf(entry, signal);
        if (files !== undefined) this.registerQuietly(entry, files);
      });
    }
    const files = await this.#parts.cache.list().catch(() => undefined);
    if (files === undefined) return;
    for (const { entry, own } of this.#unlisted(files)) {
      await this.#quietly(entry.name, signal, async () =>
        this.registerQuietly(await this.proved(entry, own, signal), own),
      );
    }
    this.#forgetGone(files);
    await this.#touch(files);
  }

  /** All files of an entry, verified; undefined when one is missing. */
  async filesOf({ files }: CatalogEntry, signal: AbortSignal): Promise<CachedFile[] | undefined> {
    const found: CachedFile[] = [];
    for (const file of files) {
      const cached = await this.#parts.cache.find(file, signal);
      if (cached === undefined) return undefined;
      found.push(cached);
    }
    return found;
  }

  /** The entry, once its file was opened; one that no catalogue describes gets to know what the file says. */
  async proved(
    entry: CatalogEntry,
    files: readonly CachedFile[],
    signal: AbortSignal,
  ): Promise<CatalogEntry> {
    const { cache, shelf } = this.#parts;
    const isListed = this.#isListed(entry);
    try {
      const facts = await shelf.prove(definitionOf(entry, cache.folder, files[0]?.sha256 ?? ''), signal);
      if (isListed || facts === undefined) return entry;
      const known = withFacts(entry, facts);
      const [first] = files;
      if (first !== undefined)
        await cache.describe({ ...first, terms: known.terms, contextTokens: facts.trainedContextTokens });
      return known;
    } catch (error) {
      signal.throwIfAborted();
      // The digest says that a file of the catalogue is what it should be; of any other nobody said so.
      if (!isListed) for (const { name } of files) await cache.remove(name);
      throw error;
    }
  }

  register(entry: CatalogEntry, files: readonly CachedFile[]): void {
    const { cache, shelf } = this.#parts;
    shelf.register(definitionOf(entry, cache.folder, files[0]?.sha256 ?? ''));
    this.#shelved.set(
      entry.name,
      files.map(({ name }) => name),
    );
  }

  registerQuietly(entry: CatalogEntry, files: readonly CachedFile[]): void {
    if (this.#isKnown(entry.name)) return;
    try {
      this.register(entry, files);
    } catch (error) {
      this.#tell(entry.name, error);
    }
  }

  async #adopted(): Promise<void> {
    for (const model of await this.#parts.adopted.list()) {
      if (this.#isKnown(model.name)) continue;
      try {
        this.#parts.shelf.register(adoptedDefinition(model));
        this.#shelved.set(model.name, []);
      } catch (error) {
        this.#tell(model.name, error);
      }
    }
  }

  /** Models that were pulled by a source alone, all parts there. */
  #unlisted(files: readonly CachedFile[]): { entry: CatalogEntry; own: readonly CachedFile[] }[] {
    const listed = new Set(this.#parts.entries.flatMap((entry) => entry.files.map(({ name }) => name)));
    const groups = new Map<string, CachedFile[]>();
    for (const file of files) {
      if (listed.has(file.name) || wasMadeHere(file.source) || !isSource(file.source)) continue;
      const name = modelNameOf(file.name);
      groups.set(name, [...(groups.get(name) ?? []), file]);
    }
    return [...groups].flatMap(([name, own]) => {
      const isWhole = own.length === (splitPart(own[0]?.name ?? '')?.count ?? 1);
      return isWhole ? [{ entry: entryOfCached(name, own), own }] : [];
    });
  }

  #forgetGone(files: readonly ListedFile[]): void {
    const there = new Set(files.map(({ name }) => name));
    for (const [name, own] of this.#shelved) {
      if (own.every((file) => there.has(file))) continue;
      this.#parts.shelf.forget(name);
      this.#shelved.delete(name);
    }
  }

  /** Other processes that share the cache must not remove what is loaded here. */
  async #touch(files: readonly ListedFile[]): Promise<void> {
    const { cache, shelf, clock } = this.#parts;
    if (clock.now() - this.#touchedAtMs < touchEveryMs) return;
    this.#touchedAtMs = clock.now();
    const inUse = new Set(shelf.pathsInUse());
    const names = new Set(
      files.filter(({ name }) => inUse.has(`${cache.folder}/${name}`)).map(({ name }) => modelNameOf(name)),
    );
    for (const { name } of files) if (names.has(modelNameOf(name))) await cache.touch(name);
  }

  #isListed({ name }: CatalogEntry): boolean {
    return this.#parts.entries.some((entry) => entry.name === name);
  }

  #isKnown(name: string): boolean {
    return this.#shelved.has(name) || this.#refused.has(name);
  }

  async #quietly(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (this.#isKnown(name) || signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) this.#tell(name, error);
    }
  }

  /** Said once: what is in a model's way is there at the next look as well. */
  #tell(name: string, error: unknown): void {
    this.#parts.events.notRegistered(name, error);
    this.#refused.add(name);
  }
}
