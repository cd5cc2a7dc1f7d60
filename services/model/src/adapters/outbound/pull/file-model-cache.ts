import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { CachedFile, ListedFile, ModelCache, WantedFile } from '../../../ports/pull/model-cache.ts';
import { cacheFault, cacheFiles, isMissing } from './cache-files.ts';

const markerSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
  modifiedAtMs: z.number(),
  source: z.string(),
  terms: z
    .object({ license: z.string(), url: z.string().optional(), commercialUse: z.boolean().optional() })
    .transform(({ license, url, commercialUse }) => ({
      license,
      ...(url === undefined ? {} : { url }),
      ...(commercialUse === undefined ? {} : { commercialUse }),
    }))
    .optional(),
  contextTokens: z.int().min(1).optional(),
});

type Marker = z.infer<typeof markerSchema>;

const markerEnding = cacheFiles.marker('');

/**
 * Model files in a folder, which several installations may share. A small file beside each says that it was verified:
 * it holds as long as size and time of change are the same.
 */
export class FileModelCache implements ModelCache {
  readonly folder: string;
  /** Markers that could not be written, by path: a cache that is only read is not hashed again and again. */
  readonly #unwritten = new Map<string, Marker>();

  constructor(folder: string) {
    this.folder = folder;
  }

  async find(wanted: WantedFile, signal: AbortSignal): Promise<CachedFile | undefined> {
    const { name } = wanted;
    const path = join(this.folder, name);
    const found = await statistics(path);
    if (found === undefined || (wanted.bytes !== undefined && wanted.bytes !== found.bytes)) return undefined;
    const marker = await this.#marker(path);
    const isKnown = marker?.bytes === found.bytes && marker.modifiedAtMs === found.modifiedAtMs;
    const sha256 = isKnown ? marker.sha256 : await hashOf(path, signal);
    const file = { name, bytes: found.bytes, sha256, source: marker?.source ?? '', ...knownOf(marker) };
    if (!isKnown) await this.#mark(path, file).catch(() => this.#unwritten.set(path, { ...file, ...found }));
    return wanted.sha256 === undefined || wanted.sha256 === sha256 ? file : undefined;
  }

  async keep(file: CachedFile): Promise<void> {
    const path = join(this.folder, file.name);
    try {
      await rename(cacheFiles.part(path), path);
      await rm(cacheFiles.partState(path), { force: true });
      await syncFolder(dirname(path));
      await this.#mark(path, file);
    } catch (error) {
      throw cacheFault(this.folder, error);
    }
  }

  async remove(name: string): Promise<void> {
    const path = join(this.folder, name);
    await rm(cacheFiles.marker(path), { force: true });
    await rm(path, { force: true });
  }

  async list(): Promise<ListedFile[]> {
    const names = await readdir(this.folder, { recursive: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const files: ListedFile[] = [];
    for (const markerName of names.filter((name) => name.endsWith(markerEnding)).toSorted()) {
      const name = markerName.slice(0, -markerEnding.length);
      const path = join(this.folder, name);
      const [found, marker] = [await statistics(path), await this.#marker(path)];
      if (found === undefined || marker?.bytes !== found.bytes || marker.modifiedAtMs !== found.modifiedAtMs)
        continue;
      const { bytes, sha256, source } = marker;
      const used = await statistics(cacheFiles.marker(path));
      files.push({ name, bytes, sha256, source, ...knownOf(marker), usedAtMs: used?.modifiedAtMs ?? 0 });
    }
    return files;
  }

  async describe(file: CachedFile): Promise<void> {
    try {
      await this.#mark(join(this.folder, file.name), file);
    } catch (error) {
      throw cacheFault(this.folder, error);
    }
  }

  async touch(name: string): Promise<void> {
    const now = new Date();
    // A cache that is only read has nobody who removes from it.
    await utimes(cacheFiles.marker(join(this.folder, name)), now, now).catch(() => undefined);
  }

  async #marker(path: string): Promise<Marker | undefined> {
    try {
      return markerSchema.parse(JSON.parse(await readFile(cacheFiles.marker(path), 'utf8')));
    } catch {
      // Missing or damaged: unless this process remembers it, the file is hashed again.
      return this.#unwritten.get(path);
    }
  }

  async #mark(path: string, file: CachedFile): Promise<void> {
    const { sha256, bytes, source } = file;
    const { modifiedAtMs } = (await statistics(path)) ?? { modifiedAtMs: 0 };
    const marker: Marker = { sha256, bytes, modifiedAtMs, source, ...knownOf(file) };
    const draft = `${cacheFiles.marker(path)}.${process.pid}`;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, JSON.stringify(marker));
    await rename(draft, cacheFiles.marker(path));
  }
}

/** What is known of it beside its content. */
function knownOf(
  of: { [K in 'terms' | 'contextTokens']?: CachedFile[K] | undefined } | undefined,
): Pick<CachedFile, 'terms' | 'contextTokens'> {
  return {
    ...(of?.terms === undefined ? {} : { terms: of.terms }),
    ...(of?.contextTokens === undefined ? {} : { contextTokens: of.contextTokens }),
  };
}

async function statistics(path: string): Promise<{ bytes: number; modifiedAtMs: number } | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, modifiedAtMs: mtimeMs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}

/** Makes a rename in it last through a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
