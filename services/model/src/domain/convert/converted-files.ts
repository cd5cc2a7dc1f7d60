import { ParleyError } from '@parley/kernel';
import type { Converter } from '../../ports/convert/converter.ts';
import type { ShardFolder } from '../../ports/convert/shard-folder.ts';
import type { MoveProgress } from '../../ports/move-progress.ts';
import type { CachedFile, CacheRoom, ModelCache } from '../../ports/pull/model-cache.ts';
import { byteText } from '../pull/byte-text.ts';
import { requireRoom } from '../pull/require-room.ts';

/** Which folder, as which model. */
export interface ConvertedFileOrder {
  /** What the model is called; its file is `NAME.gguf`. */
  readonly name: string;
  readonly folder: ShardFolder;
  /** Of the folder. */
  readonly sha256: string;
  readonly preTokenizer: string;
}

/** A file of the cache that was made of a folder. */
export interface ConvertedFile extends CachedFile {
  /** Absolute. */
  readonly path: string;
}

/** What making files needs. */
export interface ConvertedFilesParts {
  readonly cache: ModelCache;
  readonly room: CacheRoom;
  readonly converter: Converter;
  /** Keeps the cache within its bound. */
  readonly bound: { makeRoom(name: string, bytes: number): Promise<void> };
}

/** No scheme of a source: what was pulled is looked for by that. */
const originPrefix = 'converted-from:';

/** Makes GGUF files of folders with safetensors and keeps them in the model cache, each once. */
export class ConvertedFiles {
  readonly #parts: ConvertedFilesParts;

  constructor(parts: ConvertedFilesParts) {
    this.#parts = parts;
  }

  /** What makes the files, for the record. */
  get tool(): string {
    return this.#parts.converter.tool;
  }

  /**
   * The file of this folder: the one that is there, else a new one. Other processes that want the same wait.
   * @throws ParleyError `conflict` when the file of that name is something else; `unsupported` that names what is missing
   * here; CacheFault with the numbers when the disk has too little room; `engine_failed`; the signal's reason.
   */
  make(order: ConvertedFileOrder, progress: MoveProgress): Promise<ConvertedFile> {
    const name = `${order.name}.gguf`;
    const onWait = (): void => progress.stage(`waiting for another process that makes ${name}`);
    return this.#parts.room.alone(name, progress.signal, onWait, async () => {
      const there = await this.#there(name, order, progress.signal);
      return there ?? (await this.#made(name, order, progress));
    });
  }

  /** A file that turned out to be of no use. */
  async discard({ name }: ConvertedFile): Promise<void> {
    await this.#parts.cache.remove(name);
  }

  async #there(
    name: string,
    order: ConvertedFileOrder,
    signal: AbortSignal,
  ): Promise<ConvertedFile | undefined> {
    const { cache } = this.#parts;
    const found = await cache.find({ name }, signal);
    if (found === undefined) return undefined;
    if (found.source === originOf(order)) return { ...found, path: `${cache.folder}/${name}` };
    if (found.source.startsWith(originPrefix)) return undefined;
    const message = `The model cache holds a file ${name} that was not converted from this folder; say another name (--name).`;
    throw new ParleyError('conflict', message, { param: 'name' });
  }

  async #made(name: string, order: ConvertedFileOrder, progress: MoveProgress): Promise<ConvertedFile> {
    const { cache, room, converter, bound } = this.#parts;
    const { folder, preTokenizer } = order;
    await room.discardPart(name);
    await bound.makeRoom(order.name, folder.resultBytes);
    requireRoom({ name, bytes: folder.resultBytes, folder: cache.folder }, await room.freeBytes([name]));
    await converter.prepare(progress);
    progress.stage(`converting ${folder.name}`);
    progress.note(
      `${folder.architecture} of ${folder.shards.length} file(s): about ${byteText(folder.resultBytes)}.`,
    );
    try {
      const content = await converter.convert({ folder, name, preTokenizer }, progress);
      const kept = { ...content, name, source: originOf(order) };
      await cache.keep(kept);
      return { ...kept, path: `${cache.folder}/${name}` };
    } catch (error) {
      await room.discardPart(name);
      throw error;
    }
  }
}

/** Tells whether a file that is there is what is wanted. */
function originOf({ sha256, preTokenizer }: ConvertedFileOrder): string {
  return `${originPrefix}${preTokenizer === '' ? '' : `${preTokenizer}:`}${sha256}`;
}
