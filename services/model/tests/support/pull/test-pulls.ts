import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@parley/kernel';
import { temporaryFolder } from '@parley/testing';
import type { TemporaryFolder } from '@parley/testing';
import { FileCacheRoom } from '../../../src/adapters/outbound/pull/file-cache-room.ts';
import { FileModelCache } from '../../../src/adapters/outbound/pull/file-model-cache.ts';
import { Sources } from '../../../src/adapters/outbound/sources/sources.ts';
import type { SourceOptions } from '../../../src/adapters/outbound/sources/sources.ts';
import type { CatalogFile } from '../../../src/domain/catalog/catalog-entry.ts';
import { PruneCache } from '../../../src/domain/pull/prune-cache.ts';
import { pullFile } from '../../../src/domain/pull/pull-file.ts';
import type { FilePullParts } from '../../../src/domain/pull/pull-file.ts';
import { parseSource } from '../../../src/domain/sources/file-source.ts';
import type { CachedFile, CacheRoom } from '../../../src/ports/pull/model-cache.ts';
import { FakeModelShelf } from '../../../src/ports/pull/fake-model-shelf.ts';
import type { PullProgress } from '../../../src/ports/pull/pull-progress.ts';

/** What a pull told. */
export class HeardProgress implements PullProgress {
  readonly abort = new AbortController();
  readonly notes: string[] = [];
  readonly stages: string[] = [];
  doneBytes = 0;
  totalBytes = 0;
  readonly #onBytes: (done: number) => void;

  constructor(onBytes: (done: number, progress: HeardProgress) => void = () => undefined) {
    this.#onBytes = (done) => onBytes(done, this);
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  readonly stage = (text: string): void => void this.stages.push(text);
  readonly note = (line: string): void => void this.notes.push(line);
  readonly bytes = (done: number, total: number): void => {
    [this.doneBytes, this.totalBytes] = [done, total];
    this.#onBytes(done);
  };
}

/** sha256 in hex. */
export function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Bytes that are different everywhere, and with `seed` from one another. */
export function bytesOf(count: number, seed = 1): Buffer {
  const content = Buffer.alloc(count);
  for (let at = 0; at < count; at++) content[at] = (at * 31 + (at >> 8) * 17 + seed) & 0xff;
  return content;
}

/** A file of a catalogue that is `content`, from these sources. */
export function wanted(content: Buffer, ...sources: string[]): CatalogFile {
  return {
    name: 'model.gguf',
    bytes: content.length,
    sha256: digestOf(content),
    sources: sources.map(parseSource),
  };
}

/** Pulls of single files into a cache of their own, with the real sources. */
export class TestPulls implements AsyncDisposable {
  readonly folder: string;
  readonly parts: FilePullParts & { readonly bound: PruneCache };
  readonly #temporary: TemporaryFolder;

  private constructor(temporary: TemporaryFolder, options: Partial<SourceOptions>, room?: CacheRoom) {
    this.#temporary = temporary;
    this.folder = join(temporary.path, 'cache');
    const own = room ?? new FileCacheRoom(this.folder);
    const fetcher = new Sources(own, {
      folder: this.folder,
      hub: { endpoint: 'http://127.0.0.1:1', token: '' },
      pip: { python: 'python3', environment: {} },
      allowHttp: false,
      times: { stallMs: 20_000, firstPauseMs: 5 },
      ...options,
    });
    const cache = new FileModelCache(this.folder);
    const around = { entries: [], shelf: new FakeModelShelf(), clock: systemClock, maxBytes: 0 };
    const bound = new PruneCache({ ...around, cache, room: own });
    this.parts = { cache, room: own, fetcher, bound };
  }

  static async start(options: Partial<SourceOptions> = {}, room?: CacheRoom): Promise<TestPulls> {
    return new TestPulls(await temporaryFolder(), options, room);
  }

  /** A path in the folder that goes with this. */
  path(name: string): string {
    return join(this.#temporary.path, name);
  }

  pull(file: CatalogFile, progress = new HeardProgress()): Promise<CachedFile> {
    return pullFile(file, this.parts, progress);
  }

  /** All files of the cache but the locks, which are empty. */
  async files(): Promise<string[]> {
    const names = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return names
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('.locks'))
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
      .toSorted();
  }

  read(name = 'model.gguf'): Promise<Buffer> {
    return readFile(join(this.folder, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#temporary[Symbol.asyncDispose]();
  }
}
