import { ParleyError } from '@parley/kernel';
import type { ModelDefinition } from '../../domain/models/model-definition.ts';

/** What lies in the cache. */
interface KeptContent {
  readonly sha256: string;
  readonly bytes: number;
}

/** What came of a file. */
export interface FileContent extends KeptContent {
  /** What the source says it is, where it says so. */
  readonly announcedSha256?: string;
}

/** A verified file of the cache. */
export interface CachedFile extends KeptContent {
  /** Its path in the cache, with `/`. */
  readonly name: string;
  /** Where it came from; '' when nobody said. */
  readonly source: string;
  /** Told by its source or by itself; absent of files of a catalogue, which tells them. So is the next. */
  readonly terms?: ModelDefinition['terms'];
  /** What it was trained with. */
  readonly contextTokens?: number;
}

/** A file of the cache and when it was needed last. */
export interface ListedFile extends CachedFile {
  /** Unix time. */
  readonly usedAtMs: number;
}

/** What a file should be. */
export interface WantedFile {
  readonly name: string;
  readonly bytes?: number;
  readonly sha256?: string;
}

/** The files of pulled models. A file is there as a whole or not at all. */
export interface ModelCache {
  /** Its absolute path. */
  readonly folder: string;
  /** The file when it is there and is what is wanted. A file that nobody has verified yet is hashed once. */
  find(file: WantedFile, signal: AbortSignal): Promise<CachedFile | undefined>;
  /** Makes the part that was fetched the file, durably. @throws CacheFault */
  keep(file: CachedFile): Promise<void>;
  /** Removes a file that turned out to be of no use. */
  remove(name: string): Promise<void>;
  /** Files that were kept, in order of name. */
  list(): Promise<ListedFile[]>;
  /** Writes down what is known of a file that was kept. @throws CacheFault */
  describe(file: CachedFile): Promise<void>;
  /** Says that a file is needed now. Never rejects. */
  touch(name: string): Promise<void>;
}

/** Room and turns for those who write into the cache. */
export interface CacheRoom {
  /** Bytes that these files may take: what is free on the disk, and what was fetched of them already. */
  freeBytes(names: readonly string[]): Promise<number>;
  /** Forgets what was fetched of a file so far. */
  discardPart(name: string): Promise<void>;
  /** Runs `work` unless a process fetches the file of that name now. @returns whether it ran */
  unlessFetched(name: string, work: () => Promise<void>): Promise<boolean>;
  /** Forgets parts that nobody has gone on with for so long. @returns the bytes that are free now */
  discardStaleParts(olderThanMs: number): Promise<number>;
  /** Runs `work` while no other process fetches the file of that name. @param onWait called once when it must wait */
  alone<T>(name: string, signal: AbortSignal, onWait: () => void, work: () => Promise<T>): Promise<T>;
}

/** The cache cannot be written: no other source would help. */
export class CacheFault extends ParleyError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', message, { cause, retryable: false });
  }
}
