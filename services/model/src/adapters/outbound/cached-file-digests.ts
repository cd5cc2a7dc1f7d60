import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import type { FileDigest, FileDigests } from '../../ports/file-digests.ts';

const cacheSchema = z.record(
  z.string(),
  z.object({ bytes: z.number(), modifiedAtMs: z.number(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
);

type Cache = z.infer<typeof cacheSchema>;

/** Hashes files, and remembers the digest for as long as a file keeps its size and its time of change. */
export class CachedFileDigests implements FileDigests {
  readonly #cacheFile: string;
  /** Writes one after another, so that none is lost. */
  #writing: Promise<void> = Promise.resolve();

  /** @param cacheFile a JSON file; it may be deleted at any time */
  constructor(cacheFile: string) {
    this.#cacheFile = cacheFile;
  }

  async digest(path: string, signal: AbortSignal): Promise<FileDigest> {
    try {
      const { size: bytes, mtimeMs: modifiedAtMs } = await stat(path);
      const known = (await this.#read())[path];
      if (known?.bytes === bytes && known.modifiedAtMs === modifiedAtMs)
        return { sha256: known.sha256, bytes };
      const hash = createHash('sha256');
      await pipeline(createReadStream(path), hash, { signal });
      const sha256 = hash.digest('hex');
      this.#writing = this.#writing.then(() => this.#remember(path, { bytes, modifiedAtMs, sha256 }));
      await this.#writing;
      return { sha256, bytes };
    } catch (error) {
      signal.throwIfAborted();
      throw unreadable(path, error);
    }
  }

  whole(parts: readonly FileDigest[]): FileDigest {
    const lines = parts.map(({ sha256 }) => `${sha256}\n`).join('');
    return {
      sha256: createHash('sha256').update(lines).digest('hex'),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  async #read(): Promise<Cache> {
    try {
      return cacheSchema.parse(JSON.parse(await readFile(this.#cacheFile, 'utf8')));
    } catch {
      return {};
    }
  }

  /** Without the cache the next start takes longer; that is no reason to fail. */
  async #remember(path: string, entry: Cache[string]): Promise<void> {
    try {
      await mkdir(dirname(this.#cacheFile), { recursive: true });
      const part = `${this.#cacheFile}.part`;
      await writeFile(part, JSON.stringify({ ...(await this.#read()), [path]: entry }));
      await rename(part, this.#cacheFile);
    } catch {
      // Read-only or full data folders are found by those who must write there.
    }
  }
}

function unreadable(path: string, error: unknown): ParleyError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  return new ParleyError('config_invalid', `The weights file ${basename(path)} ${why}.`, { cause: error });
}
