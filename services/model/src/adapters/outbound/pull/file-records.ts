import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelCache } from '../../../ports/pull/model-cache.ts';
import { cacheFault } from './cache-files.ts';

/** What every record of a file of the cache tells. */
interface FileRecord {
  /** In the cache. */
  readonly file: string;
  readonly sha256: string;
}

/** Records as JSON files beside the files they are about. One whose file is gone, or another, does not count. */
export class FileRecords<Entry extends FileRecord> {
  readonly #cache: Pick<ModelCache, 'folder' | 'list'>;
  readonly #ending: string;
  readonly #parse: (value: unknown) => Entry;

  /**
   * @param ending what is added to a file's name, such as `.lineage.json`
   * @param parse throws for what is no record
   */
  constructor(cache: Pick<ModelCache, 'folder' | 'list'>, ending: string, parse: (value: unknown) => Entry) {
    this.#cache = cache;
    this.#ending = ending;
    this.#parse = parse;
  }

  /** @throws CacheFault */
  async put(record: Entry): Promise<void> {
    const { folder } = this.#cache;
    const path = join(folder, `${record.file}${this.#ending}`);
    const draft = `${path}.${process.pid}`;
    try {
      await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { flush: true });
      await rename(draft, path);
    } catch (error) {
      throw cacheFault(folder, error);
    }
  }

  /** Those that can be read, in order of name. */
  async list(): Promise<Entry[]> {
    const { folder } = this.#cache;
    const all = await readdir(folder).catch(() => []);
    const names = all.filter((name) => name.endsWith(this.#ending)).toSorted();
    if (names.length === 0) return [];
    const files = await this.#cache.list();
    const records = await Promise.all(names.map((name) => this.#read(join(folder, name))));
    return records.flatMap((record) => {
      const isThere = files.some(({ name, sha256 }) => name === record?.file && sha256 === record.sha256);
      return record !== undefined && isThere ? [record] : [];
    });
  }

  async #read(path: string): Promise<Entry | undefined> {
    try {
      return this.#parse(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return undefined;
    }
  }
}
