import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { FileContent } from '../../../ports/pull/model-cache.ts';
import { cacheFault, cacheFiles } from '../pull/cache-files.ts';

const stateSchema = z.object({
  source: z.string(),
  /** What `If-Range` takes; '' when the source gave nothing: then the part is of no use to another attempt. */
  validator: z.string(),
  /** Bytes of the whole; undefined when the source did not say. */
  totalBytes: z.int().optional(),
});

type PartState = z.infer<typeof stateSchema>;

/** The beginning of a file that is being fetched. It outlives the process, and is hashed as it grows. */
export class PartFile implements AsyncDisposable {
  readonly #path: string;
  readonly #source: string;
  readonly #handle: FileHandle;
  #hash: Hash;
  #bytes = 0;
  #state: PartState;
  #resumed = false;
  #finished = false;

  private constructor(path: string, source: string, handle: FileHandle) {
    this.#path = path;
    this.#source = source;
    this.#handle = handle;
    this.#hash = createHash('sha256');
    this.#state = { source, validator: '' };
  }

  /**
   * Opens the part of the file at `path`; what is there of another source is dropped.
   * @throws CacheFault
   */
  static async open(path: string, source: string, signal: AbortSignal): Promise<PartFile> {
    try {
      await mkdir(dirname(path), { recursive: true });
      const state = await readState(path);
      const handle = await open(cacheFiles.part(path), 'a+');
      const part = new PartFile(path, source, handle);
      if (state?.source === source && state.validator !== '') await part.#takeUp(state, signal);
      else await part.restart();
      return part;
    } catch (error) {
      signal.throwIfAborted();
      throw cacheFault(dirname(path), error);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get validator(): string {
    return this.#state.validator;
  }

  /** Whether an earlier attempt wrote its beginning, so that it may be another's. */
  get resumed(): boolean {
    return this.#resumed;
  }

  /** Whether nothing is missing, as far as the source said how much there is. */
  get complete(): boolean {
    return this.#state.totalBytes !== undefined && this.#bytes === this.#state.totalBytes;
  }

  /** Drops what is there and begins with what the source says about itself. @throws CacheFault */
  async restart(about: Omit<PartState, 'source'> = { validator: '' }): Promise<void> {
    await this.#guard(async () => {
      await this.#handle.truncate(0);
      this.#hash = createHash('sha256');
      this.#bytes = 0;
      this.#resumed = false;
      this.#state = { ...about, source: this.#source };
      await writeFile(cacheFiles.partState(this.#path), JSON.stringify(this.#state));
    });
  }

  /** @throws CacheFault */
  async write(chunk: Uint8Array): Promise<void> {
    await this.#guard(async () => {
      await this.#handle.appendFile(chunk);
      this.#hash.update(chunk);
      this.#bytes += chunk.byteLength;
    });
  }

  /** What there is, once it is on the disk for good. @throws CacheFault */
  async content(): Promise<FileContent> {
    await this.#guard(() => this.#handle.sync());
    this.#finished = true;
    return { sha256: this.#hash.copy().digest('hex'), bytes: this.#bytes };
  }

  /** Closes it. A part that is not finished and that no other attempt could go on with is removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    if (this.#finished || (this.#state.validator !== '' && this.#bytes > 0)) return;
    await rm(cacheFiles.partState(this.#path), { force: true });
    await rm(cacheFiles.part(this.#path), { force: true });
  }

  async #takeUp(state: PartState, signal: AbortSignal): Promise<void> {
    const { size } = await stat(cacheFiles.part(this.#path));
    if (size > (state.totalBytes ?? Infinity)) return this.restart();
    await pipeline(createReadStream(cacheFiles.part(this.#path)), this.#hash, { signal, end: false });
    this.#bytes = size;
    this.#state = state;
    this.#resumed = size > 0;
  }

  async #guard(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw cacheFault(dirname(this.#path), error);
    }
  }
}

async function readState(path: string): Promise<PartState | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(cacheFiles.partState(path), 'utf8')));
  } catch {
    // Missing or damaged: nothing says where the part comes from.
    return undefined;
  }
}
