import { ParleyError } from '@parley/kernel';
import type { CachedFile } from '../../ports/pull/model-cache.ts';
import type { ModelShelf } from '../../ports/pull/model-shelf.ts';
import type { PullEvents } from '../../ports/pull/pull-events.ts';
import type { PullProgress } from '../../ports/pull/pull-progress.ts';
import { definitionOf } from '../catalog/catalog-entry.ts';
import type { CatalogEntry } from '../catalog/catalog-entry.ts';
import { entryOfSource, withFacts } from '../catalog/entry-of-source.ts';
import { isSource, parseSource, sourceForms } from '../sources/file-source.ts';
import { pullEntry } from './pull-entry.ts';
import type { FilePullParts } from './pull-file.ts';

/** The kind of job that pulls are. */
export const pullKind = 'pull';

/** An entry of the catalogue and what is true of it here. */
export interface CatalogListing {
  readonly entry: CatalogEntry;
  /** All its files are here and are the right ones. */
  readonly installed: boolean;
  readonly engineAvailable: boolean;
}

/** What pulls need. */
export interface ModelPullsParts extends FilePullParts {
  readonly entries: readonly CatalogEntry[];
  readonly shelf: ModelShelf;
  readonly events: PullEvents;
}

/** Models that can be pulled, and those that were. */
export class ModelPulls {
  readonly #parts: ModelPullsParts;
  /** Names of models that are on the shelf by our hand, or of which it was told why they are not. */
  readonly #told = new Set<string>();

  constructor(parts: ModelPullsParts) {
    this.#parts = parts;
  }

  /**
   * What is to be pulled by the name of an entry, or a source.
   * @throws ParleyError `model_not_found` or `invalid_request` that says what there is.
   */
  entry(named: string): CatalogEntry {
    const { entries } = this.#parts;
    const entry = entries.find(({ name }) => name === named);
    if (entry !== undefined) return entry;
    if (isSource(named)) return entryOfSource(parseSource(named));
    const names = entries.map(({ name }) => name).join(', ');
    const message = `The catalogue has no model "${named.slice(0, 200)}". It has: ${names}. A source is: ${sourceForms}.`;
    throw new ParleyError('model_not_found', message, { param: 'source' });
  }

  /** The work of a job: the entry's files into the cache, tried out, and the model on the shelf. */
  async pull(named: string, progress: PullProgress): Promise<void> {
    const entry = this.entry(named);
    const files = await pullEntry(entry, this.#parts, progress);
    if (!this.#parts.shelf.hasEngine(entry.engine)) {
      this.#register(entry, files);
      progress.note(`${entry.name} is here, but the engine "${entry.engine}" that runs it is not installed.`);
      return;
    }
    progress.stage('trying it out in a process of its own');
    this.#register(await this.#proved(entry, files, progress.signal), files);
    progress.stage('registered');
  }

  /** The catalogue, in its order. Models that came into the cache by other hands are put on the shelf by the way. */
  async list(signal: AbortSignal): Promise<CatalogListing[]> {
    const { entries, shelf } = this.#parts;
    const listings: CatalogListing[] = [];
    for (const entry of entries) {
      const files = await this.#filesOf(entry, signal);
      if (files !== undefined) this.#registerQuietly(entry, files);
      listings.push({
        entry,
        installed: files !== undefined,
        engineAvailable: shelf.hasEngine(entry.engine),
      });
    }
    return listings;
  }

  /** Puts models of the catalogue on the shelf whose files were kept earlier; quick, because none is read. Never rejects. */
  async restore(): Promise<void> {
    try {
      const kept = new Map((await this.#parts.cache.list()).map((file) => [file.name, file]));
      for (const entry of this.#parts.entries) {
        const files = entry.files.map(({ name, sha256 }) => {
          const file = kept.get(name);
          return file?.sha256 === sha256 ? file : undefined;
        });
        if (files.every((file) => file !== undefined)) this.#registerQuietly(entry, files);
      }
    } catch (error) {
      this.#parts.events.notRegistered('', error);
    }
  }

  /** Finds models that another process pulled since, or somebody put into the cache. Never rejects. */
  async refresh(signal: AbortSignal): Promise<void> {
    await this.restore();
    for (const entry of this.#parts.entries) {
      await this.#quietly(entry, signal, async () => {
        const files = await this.#filesOf(entry, signal);
        if (files !== undefined) this.#registerQuietly(entry, files);
      });
    }
    const files = await this.#parts.cache.list().catch(() => []);
    for (const { entry, file } of this.#withoutEntry(files)) {
      await this.#quietly(entry, signal, async () =>
        this.#registerQuietly(await this.#proved(entry, [file], signal), [file]),
      );
    }
  }

  async #quietly(entry: CatalogEntry, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (this.#told.has(entry.name) || signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) this.#tell(entry.name, error);
    }
  }

  /** The entry, once its file was opened; one that no catalogue describes gets to know what the file says. */
  async #proved(
    entry: CatalogEntry,
    files: readonly CachedFile[],
    signal: AbortSignal,
  ): Promise<CatalogEntry> {
    const { cache, shelf } = this.#parts;
    const isKnown = entry.files[0]?.sha256 !== undefined;
    try {
      const facts = await shelf.prove(definitionOf(entry, cache.folder, files[0]?.sha256 ?? ''), signal);
      return isKnown ? entry : withFacts(entry, facts);
    } catch (error) {
      signal.throwIfAborted();
      // The digest says that a file of the catalogue is what it should be; of any other nobody said so.
      if (!isKnown) await cache.remove(files[0]?.name ?? '');
      throw error;
    }
  }

  /** Files that were pulled by a source alone. */
  #withoutEntry(files: readonly CachedFile[]): { entry: CatalogEntry; file: CachedFile }[] {
    const known = new Set(this.#parts.entries.flatMap((entry) => entry.files.map(({ name }) => name)));
    return files.flatMap((file) => {
      if (known.has(file.name) || !isSource(file.source)) return [];
      const entry = entryOfSource(parseSource(file.source));
      return entry.files[0]?.name === file.name ? [{ entry, file }] : [];
    });
  }

  async #filesOf({ files }: CatalogEntry, signal: AbortSignal): Promise<CachedFile[] | undefined> {
    const found: CachedFile[] = [];
    for (const file of files) {
      const cached = await this.#parts.cache.find(file, signal);
      if (cached === undefined) return undefined;
      found.push(cached);
    }
    return found;
  }

  #register(entry: CatalogEntry, files: readonly CachedFile[]): void {
    const { cache, shelf } = this.#parts;
    shelf.register(definitionOf(entry, cache.folder, files[0]?.sha256 ?? ''));
    this.#told.add(entry.name);
  }

  #registerQuietly(entry: CatalogEntry, files: readonly CachedFile[]): void {
    if (this.#told.has(entry.name)) return;
    try {
      this.#register(entry, files);
    } catch (error) {
      this.#tell(entry.name, error);
    }
  }

  /** Said once: what is in a model's way is there at the next look as well. */
  #tell(name: string, error: unknown): void {
    this.#parts.events.notRegistered(name, error);
    this.#told.add(name);
  }
}
