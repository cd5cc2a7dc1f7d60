import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ConvertedRecord, ConvertedRecords } from '../../../ports/convert/converted-records.ts';
import type { ModelCache } from '../../../ports/pull/model-cache.ts';
import { cacheFault } from '../pull/cache-files.ts';

const ending = '.converted.json';
const digest = z.string().regex(/^[0-9a-f]{64}$/);

const recordSchema = z.object({
  name: z.string().min(1).max(63),
  file: z.string().regex(/^[\w.-]+\.gguf$/),
  sha256: digest,
  source: z.object({ folder: z.string().min(1), sha256: digest }),
  architecture: z.string(),
  format: z.string().min(1),
  tool: z.string(),
  madeAt: z.iso.datetime(),
  contextTokens: z.int().min(0),
  license: z.string(),
});

/** Records as JSON files beside the files they are about. One whose file is gone, or another, does not count. */
export class FileConvertedRecords implements ConvertedRecords {
  readonly #cache: Pick<ModelCache, 'folder' | 'list'>;

  constructor(cache: Pick<ModelCache, 'folder' | 'list'>) {
    this.#cache = cache;
  }

  async put(record: ConvertedRecord): Promise<void> {
    const { folder } = this.#cache;
    const path = join(folder, `${record.file}${ending}`);
    const draft = `${path}.${process.pid}`;
    try {
      await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { flush: true });
      await rename(draft, path);
    } catch (error) {
      throw cacheFault(folder, error);
    }
  }

  async list(): Promise<ConvertedRecord[]> {
    const { folder } = this.#cache;
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(ending));
    if (names.length === 0) return [];
    const files = await this.#cache.list();
    const records = await Promise.all(names.toSorted().map((name) => this.#read(join(folder, name))));
    return records.flatMap((record) => {
      const isThere = files.some(({ name, sha256 }) => name === record?.file && sha256 === record.sha256);
      return record !== undefined && isThere ? [record] : [];
    });
  }

  async #read(path: string): Promise<ConvertedRecord | undefined> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return undefined;
    }
  }
}
