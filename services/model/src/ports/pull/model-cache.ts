import { ParleyError } from '@parley/kernel';

/** What came of a file, or lies in the cache. */
export interface FileContent {
  readonly sha256: string;
  readonly bytes: number;
}

/** A verified file of the cache. */
export interface CachedFile extends FileContent {
  /** Its path in the cache, with `/`. */
  readonly name: string;
  /** Where it came from; '' when nobody said. */
  readonly source: string;
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
  list(): Promise<CachedFile[]>;
}

/** Room and turns for those who write into the cache. */
export interface CacheRoom {
  /** Bytes that these files may take: what is free on the disk, and what was fetched of them already. */
  freeBytes(names: readonly string[]): Promise<number>;
  /** Forgets what was fetched of a file so far. */
  discardPart(name: string): Promise<void>;
  /** Runs `work` while no other process fetches the file of that name. @param onWait called once when it must wait */
  alone<T>(name: string, signal: AbortSignal, onWait: () => void, work: () => Promise<T>): Promise<T>;
}

/** The cache cannot be written: no other source would help. */
export class CacheFault extends ParleyError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', message, { cause, retryable: false });
  }
}
