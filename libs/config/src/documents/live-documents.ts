import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultText } from '../document-error.ts';
import type { DocumentFault } from '../document-error.ts';
import { documentLimits, readFolders } from './document-files.ts';
import type { FolderTexts } from './document-files.ts';
import type { DocumentKind, LoadedDocument } from './document-kind.ts';
import { documentsIn } from './file-documents.ts';
import type { FileDocuments } from './file-documents.ts';
import { FolderWatch } from './folder-watch.ts';
import { takeEffect } from './take-effect.ts';
import type { CompileDocuments, InEffect } from './take-effect.ts';

/** What is in effect and what is wrong with the files as they lie now. */
export interface DocumentsReport {
  /** Grows by one with every change that took effect; the first load is 1, 0 = not loaded yet. */
  readonly revision: number;
  /** When the revision took effect, in milliseconds since 1970. */
  readonly loadedAtMs: number;
  readonly documents: readonly LoadedDocument[];
  /** At most 500. */
  readonly faults: readonly DocumentFault[];
}

/** Told of what happens to the documents; must not throw. */
export interface DocumentsEvents {
  /** The revision has grown; also after the first load. */
  changed(report: DocumentsReport): void;
  /** The faults are others than before; also when they have gone. */
  faults(report: DocumentsReport): void;
}

/** What live documents are made of. */
export interface LiveDocumentsOptions<R> {
  readonly configDir: string;
  readonly kinds: readonly DocumentKind[];
  readonly compile: CompileDocuments<R>;
  readonly events: DocumentsEvents;
  /** How often the folders are looked at when no watch has told anything; default 2000. */
  readonly pollMs?: number;
}

/** Several events of one change come within this time. */
const debounceMs = 100;

/** A file being written looks different twice within this time. */
const settleMs = 50;
const settleLooks = 5;

/**
 * Keeps a compiled form of the documents of a configuration folder up to date: parse, schema, compile (references and
 * the documents' own tests), then one atomic swap. A file at fault keeps its last good documents, a deleted file takes
 * its documents with it. Changes are seen by a watch of the folders and, where that sees nothing (network file
 * systems, moved symbolic links), by a poll of their content. Holds no process open.
 */
export class LiveDocuments<R> implements AsyncDisposable {
  readonly #options: LiveDocumentsOptions<R>;
  readonly #folders: readonly string[];
  readonly #watch: FolderWatch;
  readonly #stopping = new AbortController();
  #seen: FolderTexts | undefined;
  #parsed: ReadonlyMap<string, FileDocuments> = new Map();
  #inEffect: InEffect<R> | undefined;
  #report: DocumentsReport = { revision: 0, loadedAtMs: 0, documents: [], faults: [] };
  #looks: Promise<void> = Promise.resolve();
  #soon: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(options: LiveDocumentsOptions<R>) {
    this.#options = options;
    this.#folders = [...new Set(options.kinds.map(({ folder }) => folder))];
    // The configuration folder itself tells of folders that appear and of links among them that are moved.
    const paths = [options.configDir, ...this.#folders.map((folder) => join(options.configDir, folder))];
    this.#watch = new FolderWatch(paths, () => this.#lookSoon());
  }

  /** What was made of the documents in effect. @throws Error before the first load. */
  get current(): R {
    if (this.#inEffect === undefined) throw new Error('The documents have not been loaded yet.');
    return this.#inEffect.value;
  }

  /** The same object until something changes. */
  get report(): DocumentsReport {
    return this.#report;
  }

  /**
   * Loads the documents, then follows their changes. Documents at fault are left out and reported.
   * @throws what `compile` throws.
   */
  async start(): Promise<void> {
    this.#watch.refresh();
    await this.check();
    this.#poll = setInterval(() => void this.#enqueue(true), this.#options.pollMs ?? 2000).unref();
  }

  /**
   * Looks at the files now and waits until what it found is in effect.
   * @throws what `compile` throws, as long as nothing has been loaded.
   */
  check(): Promise<void> {
    return this.#enqueue(false);
  }

  /** Ends watching; waits for a look that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#soon);
    clearInterval(this.#poll);
    this.#watch[Symbol.dispose]();
    await this.#looks;
  }

  #lookSoon(): void {
    clearTimeout(this.#soon);
    if (this.#stopping.signal.aborted) return;
    this.#soon = setTimeout(() => void this.#enqueue(true), debounceMs).unref();
  }

  #enqueue(settles: boolean): Promise<void> {
    const look = this.#looks.then(() => this.#look(settles));
    this.#looks = look.catch(() => undefined);
    return look;
  }

  async #look(settles: boolean): Promise<void> {
    const texts = await this.#read(settles);
    if (this.#stopping.signal.aborted || texts === undefined) return;
    this.#seen = texts;
    const parsed = texts.files.map((file) => {
      const known = this.#parsed.get(file.file);
      return known?.digest === file.digest ? known : documentsIn(file, this.#options.kinds);
    });
    this.#parsed = new Map(parsed.map((file) => [file.file, file]));
    try {
      const { inEffect, faults } = await takeEffect(
        parsed,
        texts.unreadable,
        this.#inEffect,
        this.#options.compile,
      );
      this.#accept(inEffect, faults);
    } catch (error) {
      if (this.#inEffect === undefined) throw error;
      // Not the fault of a document: tried again at the next look.
      this.#seen = undefined;
      const message = `the documents could not be compiled: ${error instanceof Error ? error.message : String(error)}`;
      this.#accept(this.#inEffect, [{ file: '.', line: 1, path: '', message }]);
    }
  }

  /** undefined when the files are as they were seen last. */
  async #read(settles: boolean): Promise<FolderTexts | undefined> {
    const texts = await readFolders(this.#options.configDir, this.#folders);
    this.#watch.refresh();
    if (texts.digest === this.#seen?.digest) return undefined;
    const settled = settles ? await this.#settled(texts) : texts;
    return settled.digest === this.#seen?.digest ? undefined : settled;
  }

  /** The files when they have looked alike twice; as they are after some looks, when somebody keeps writing. */
  async #settled(first: FolderTexts): Promise<FolderTexts> {
    let texts = first;
    for (let look = 0; look < settleLooks && !this.#stopping.signal.aborted; look++) {
      await sleep(settleMs, undefined, { ref: false, signal: this.#stopping.signal }).catch(() => undefined);
      const again = await readFolders(this.#options.configDir, this.#folders);
      if (again.digest === texts.digest) break;
      texts = again;
    }
    return texts;
  }

  #accept(inEffect: InEffect<R>, found: readonly DocumentFault[]): void {
    const before = this.#report;
    const hasChanged = inEffect !== this.#inEffect;
    const faults = bounded(found);
    const hasOtherFaults = textOf(faults) !== textOf(before.faults);
    this.#inEffect = inEffect;
    if (!hasChanged && !hasOtherFaults) return;
    this.#report = hasChanged
      ? {
          revision: before.revision + 1,
          loadedAtMs: Date.now(),
          documents: [...inEffect.files.values()].flat(),
          faults,
        }
      : { ...before, faults };
    if (hasChanged) this.#options.events.changed(this.#report);
    if (hasOtherFaults) this.#options.events.faults(this.#report);
  }
}

function bounded(faults: readonly DocumentFault[]): readonly DocumentFault[] {
  if (faults.length <= documentLimits.faults) return faults;
  const told = faults.slice(0, documentLimits.faults - 1);
  const message = `${faults.length - told.length} more faults are not listed`;
  return [...told, { file: '.', line: 1, path: '', message }];
}

function textOf(faults: readonly DocumentFault[]): string {
  return faults.map(faultText).join('\n');
}
